"""aiokafka, no code of ours: ``python aiokafka_client.py ACCESS TOPIC GROUP COUNT``.

ACCESS is JSON: bootstrap, user, password, ca_file. Prints what it saw as JSON.
"""

import asyncio
import json
import ssl
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

ACCESS, TOPIC, GROUP, COUNT = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])


def settings() -> dict:
    return {
        "bootstrap_servers": ACCESS["bootstrap"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": ACCESS["user"],
        "sasl_plain_password": ACCESS["password"],
        "ssl_context": ssl.create_default_context(cafile=ACCESS["ca_file"]),
    }


async def produce() -> None:
    async with AIOKafkaProducer(**settings(), enable_idempotence=True) as producer:
        for number in range(COUNT):
            headers = [("n", str(number).encode())]
            await producer.send(TOPIC, str(number).encode(), key=b"k", headers=headers)
        await producer.flush()


async def consume(count: int, commit: bool) -> list:
    consumer = AIOKafkaConsumer(
        TOPIC, **settings(), group_id=GROUP, auto_offset_reset="earliest", enable_auto_commit=False
    )
    async with consumer:
        got = [await asyncio.wait_for(consumer.getone(), 30) for _ in range(count)]
        if commit:
            await consumer.commit()
        return got


async def main() -> None:
    admin = AIOKafkaAdminClient(**settings())
    await admin.start()
    topics = await admin.list_topics()
    await admin.close()
    await produce()
    half = COUNT // 2
    first = await consume(half, commit=True)
    again = await consume(COUNT - half, commit=False)
    reader = AIOKafkaConsumer(**settings(), group_id=GROUP)
    async with reader:
        place = TopicPartition(TOPIC, 0)
        report = {
            "listed": TOPIC in topics,
            "values": [message.value.decode() for message in first + again],
            "headers": [dict(message.headers)["n"].decode() for message in first + again],
            "keys": sorted({message.key.decode() for message in first + again}),
            "committed": await reader.committed(place),
            "begin": (await reader.beginning_offsets([place]))[place],
            "end": (await reader.end_offsets([place]))[place],
        }
    print(json.dumps(report))


asyncio.run(main())
