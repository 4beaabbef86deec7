"""From an Azure message to records: envelope, event time, service, names, identity.

The hot path of the import. What a user may rely on is written in docs/record.md.
"""
