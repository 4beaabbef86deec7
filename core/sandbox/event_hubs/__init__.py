"""Emulator of an Event Hubs namespace: its Kafka endpoint, on disk and in one process.

It speaks Kafka's protocol over TLS with SASL PLAIN and ``$ConnectionString``. Record batches stay
opaque; the hub's data lives in segment files. A broker that is killed and started again keeps its
port, policies, hubs, messages, producers and committed offsets.

Layers, each knowing only those before it: ``wire codes batches`` | ``producers segment partition``
| ``hubs policies state`` | ``committed members groups coordinator`` | ``broker request`` | the
handlers (``produce fetch lookup offsets ...``) and ``apis`` | ``frames connection server`` |
``emulator``.
"""
