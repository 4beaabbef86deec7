"""kafka-python, no code of ours: ``python kafka_python_client.py ACCESS TOPIC GROUP COUNT``.

ACCESS is JSON: bootstrap, user, password, ca_file. Prints what it saw as JSON.
"""

import itertools
import json
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

ACCESS, TOPIC, GROUP, COUNT = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
SETTINGS = {
    "bootstrap_servers": ACCESS["bootstrap"],
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "PLAIN",
    "sasl_plain_username": ACCESS["user"],
    "sasl_plain_password": ACCESS["password"],
    "ssl_cafile": ACCESS["ca_file"],
}


def consume(count: int, commit: bool) -> list:
    consumer = KafkaConsumer(
        TOPIC,
        **SETTINGS,
        group_id=GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=30_000,
    )
    got = list(itertools.islice(consumer, count))
    if commit:
        consumer.commit()
    consumer.close()
    return got


admin = KafkaAdminClient(**SETTINGS)
topics = admin.list_topics()
admin.close()
producer = KafkaProducer(**SETTINGS)
for number in range(COUNT):
    producer.send(TOPIC, str(number).encode(), key=b"k", headers=[("n", str(number).encode())])
producer.flush(30)
producer.close()
half = COUNT // 2
first, again = consume(half, commit=True), consume(COUNT - half, commit=False)
reader = KafkaConsumer(**SETTINGS, group_id=GROUP)
place = TopicPartition(TOPIC, 0)
report = {
    "listed": TOPIC in topics,
    "values": [message.value.decode() for message in first + again],
    "headers": [dict(message.headers)["n"].decode() for message in first + again],
    "keys": sorted({message.key.decode() for message in first + again}),
    "committed": reader.committed(place),
    "begin": reader.beginning_offsets([place])[place],
    "end": reader.end_offsets([place])[place],
}
reader.close()
print(json.dumps(report))
