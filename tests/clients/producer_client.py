"""aliyun-log-producer, no code of ours: ``python producer_client.py PROJECT LOGSTORE COUNT``.

Reads endpoint, key id, secret and compression as JSON from standard input; HTTP_PROXY is set by
whoever starts it. Sends COUNT logs and prints how often each kind of callback came.
"""

import json
import sys
import threading
import time
from collections import Counter

from aliyun_log_producer import EnqueueFullError, Producer, ProducerConfig

access = json.load(sys.stdin)
project, logstore, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
told: Counter = Counter()
everything = threading.Event()


def delivered(error: object) -> None:
    told["stored" if error is None else f"{error.kind}: {error.error_code}"] += 1
    if sum(told.values()) == count:
        everything.set()


producer = Producer(ProducerConfig(**access))
writer = producer.writer(project, logstore)
now = int(time.time())
for number in range(count):
    log = {"n": str(number), "level": "error" if number % 3 == 0 else "info"}
    while True:
        try:
            writer.send(log, time=now, topic="rust", source="producer", on_delivery=delivered)
            break
        except EnqueueFullError:
            time.sleep(0.002)
producer.flush()
everything.wait(60)
producer.close()
print(json.dumps(told))
