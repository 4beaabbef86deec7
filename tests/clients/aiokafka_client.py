"""aiokafka, no code of ours: ``python aiokafka_client.py HUB``, a hub of three partitions.

Reads bootstrap, connection_string and ca_file as JSON from standard input; prints what it saw.
"""

import asyncio
import json
import ssl
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

access, hub = json.load(sys.stdin), sys.argv[1]
settings = {
    "bootstrap_servers": access["bootstrap"],
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "PLAIN",
    "sasl_plain_username": "$ConnectionString",
    "sasl_plain_password": access["connection_string"],
    "ssl_context": ssl.create_default_context(cafile=access["ca_file"]),
}


async def produce(values: list) -> None:
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **settings) as producer:
        for number, value in enumerate(values):
            await producer.send(hub, value.encode(), partition=number % 3)


async def consume(count: int) -> dict:
    consumer = AIOKafkaConsumer(
        hub, group_id="aiokafka", enable_auto_commit=False, auto_offset_reset="earliest", **settings
    )
    async with consumer:
        values: list = []
        while len(values) < count:
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                values += [message.value.decode() for message in batch]
        await consumer.commit()
        ends = await consumer.end_offsets([TopicPartition(hub, index) for index in range(3)])
        committed = [await consumer.committed(place) for place in ends]
        return {"values": sorted(values), "ends": list(ends.values()), "committed": committed}


async def main() -> None:
    await produce([str(number) for number in range(300)])
    first = await consume(300)
    await produce(["a", "b", "c"])
    print(json.dumps([first, await consume(3)]))


asyncio.run(main())
