"""The window of Isthmus: a step-by-step wizard and a live import monitor (PySide6 with qasync).

It is not built yet. It will register itself in the entry-point group ``isthmus.window``, by which
the ``isthmus`` script finds it; pages fill in a draft of ``core`` and show what ``core`` answers.
"""
