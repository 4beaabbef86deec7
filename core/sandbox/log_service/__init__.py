"""Emulator of Simple Log Service (SLS): its REST API 0.6.0, on disk and in one process.

The real SDK talks to it unchanged, over TLS or through a plain HTTP proxy listener. LogGroups stay
the bytes they were sent as; they live in segment files, one row of them a shard. An emulator that
is killed and started again keeps its ports, access key, projects, Logstores and every LogGroup
that it acknowledged.

Layers, each knowing only those before it: ``wire messages`` | ``signature limits segment`` |
``shard_log catalogue scenarios`` | ``storage`` | ``put pull search_index query resources`` |
``routes`` | ``server`` | ``emulator``.
"""
