"""Emulator of Event Hubs namespaces: their Kafka endpoints, on disk and in one process.

It speaks Kafka's protocol over TLS with SASL PLAIN and ``$ConnectionString``. Record batches stay
opaque; the hub's data lives in segment files. An emulator that is killed and started again keeps
its namespaces with their ports, policies, hubs, messages, producers and committed offsets.

Layers, each knowing only those before it: ``tiers wire codes checksum batches`` | ``producers
segment partition`` | ``hubs policies state admission throttle`` | ``committed members groups
coordinator`` | ``broker request`` | the handlers (``produce fetch lookup offsets ...``) and
``apis`` | ``frames connection listening server`` | ``scenarios namespace namespaces`` |
``describe emulator``.
"""
