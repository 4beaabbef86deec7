"""A member of a group that is to be killed: reads, commits, and never leaves in order.

``python doomed_consumer.py SETTINGS TOPIC COUNT``; SETTINGS is JSON for the client. It commits
after COUNT messages and prints a line, then goes on reading without committing.
"""

from __future__ import annotations

import json
import sys

from confluent_kafka import Consumer

consumer = Consumer(json.loads(sys.argv[1]))
consumer.subscribe([sys.argv[2]])
left = int(sys.argv[3])
while True:
    message = consumer.poll(1.0)
    if message is None or message.error():
        continue
    left -= 1
    if left == 0:
        consumer.commit(asynchronous=False)
        print("committed", flush=True)
