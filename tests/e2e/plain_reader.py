"""Plain clients, no code of ours: reads hub and Logstore with only what sandbox.json says."""
import json, os, pathlib, sys
from aliyun.log import LogClient
from confluent_kafka import Consumer
box = json.loads(pathlib.Path(sys.argv[1]).read_text())
hub, logs = box["event_hubs"], box["log_service"]
consumer = Consumer({
    "bootstrap.servers": hub["bootstrap"], "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
    "sasl.username": "$ConnectionString", "sasl.password": hub["connection_string"],
    "ssl.ca.location": box["ca_file"], "group.id": "plain", "auto.offset.reset": "earliest"})
consumer.subscribe([hub["hub"]])
print("hub:", "correlationId" in consumer.poll(30).value().decode())
consumer.close()
os.environ["HTTP_PROXY"] = logs["http_proxy"]
client = LogClient("http://" + logs["endpoint"], logs["access_key_id"], logs["access_key_secret"])
place = (logs["project"], logs["logstore"])
shards = [shard["shardID"] for shard in client.list_shards(*place).get_shards_info()]
pulled = [client.pull_log(*place, shard, 0, 2**31 - 1, 1000) for shard in shards]
print("logstore:", sum(each.get_log_count() for answers in pulled for each in answers))
