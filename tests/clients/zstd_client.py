"""The SDK with PyPI's zstd, no code of ours: ``python zstd_client.py PROJECT LOGSTORE COUNT``.

Reads endpoint, key id and secret as JSON from standard input; HTTP_PROXY is set by whoever starts
it. Writes COUNT logs compressed with zstd, pulls them so, and prints their numbers.
"""

import json
import sys
import time

from aliyun.log import LogClient, LogItem, PutLogsRequest

client = LogClient(*json.load(sys.stdin))
place, count = (sys.argv[1], sys.argv[2]), int(sys.argv[3])
logs = [LogItem(int(time.time()), contents=[("n", str(number))]) for number in range(count)]
client.put_logs(PutLogsRequest(*place, "topic", "source", logs, compress_type="zstd"))
numbers = []
for shard in client.list_shards(*place).get_shards_info():
    cursor = client.get_cursor(*place, shard["shardID"], "begin").get_cursor()
    while True:
        got = client.pull_logs(*place, shard["shardID"], cursor, 100, accept_compress_type="zstd")
        numbers += [int(log["n"]) for log in got.get_flatten_logs_json()]
        if got.get_next_cursor() == cursor:
            break
        cursor = got.get_next_cursor()
print(json.dumps(sorted(numbers)))
