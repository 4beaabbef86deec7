"""The import: an event hub's messages become logs in a Logstore, none lost.

One thread owns the Kafka consumer and everything about offsets (``engine``); one packs LogGroups,
several send them (``delivery``). Acknowledgements come back to the first through a queue.
"""
