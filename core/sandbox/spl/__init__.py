"""The subset of SLS SPL that the emulators run: read, checked and executed over batches of logs.

``parse`` reads and checks a script for one scene; ``Script.run`` takes rows through it. A script
may be used by any thread: threads wait for each other at one script, not at different ones.

The way of a script: ``grammar`` (lark) -> ``parser``, with ``syntax_errors`` and ``words`` for what
cannot be read -> instructions of ``syntax`` -> steps. ``sql_steps`` are where and extend: each
expression goes ``sql_text`` (sqlglot) -> ``functions`` and ``forms`` (a white list) -> ``rewrite``
-> ``expression``, and ``evaluation`` runs it in one statement of DuckDB (``database``, ``macros``)
over a ``batch``. ``field_steps``, ``parse_steps``, ``expand_steps`` and ``pack_steps`` are Python.

Sources: "SPL syntax", "SPL instructions and functions", "SPL general reference", "Instructions for
extracting semi-structured data", "Instructions for data transformation (new version)".
"""

from __future__ import annotations

from core.sandbox.spl.errors import SplError, SplRunError
from core.sandbox.spl.scene import Scene
from core.sandbox.spl.script import Result, Script, parse

__all__ = ["Result", "Scene", "Script", "SplError", "SplRunError", "parse"]
