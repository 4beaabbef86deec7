"""Watching the import: whether what the hub held is in the Logstore."""
