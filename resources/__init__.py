"""Texts and tables that ``core`` and the window read; it imports nothing of theirs."""
