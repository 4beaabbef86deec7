"""The window: widgets over core. A page fills in a draft and shows a result; it decides nothing.

Nothing here is imported by core. ``gui.app.main`` is the entry point.
"""
