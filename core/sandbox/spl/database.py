"""The database that runs expressions over batches: one in a process, in memory, shut off.

Every script has a cursor of its own on it, so that scripts run beside each other in different
threads. It reaches no file, loads no extension, writes nothing to disk and has a fixed memory.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from core.sandbox.spl.batch import Column
from core.sandbox.spl.macros import define_macros

RUN_SECONDS = 20.0
"""How long one instruction may take over one batch; far above the documented 1 to 5 s, because
the machine of a sandbox may be busy."""

_SETTINGS = {
    "threads": 1,
    "memory_limit": "256MB",
    "temp_directory": "",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}
_LOCKED_SETTINGS = ("enable_external_access=false", "lock_configuration=true")
_PUBLIC_NAMES = {"div": "/", "mod": "%", "time": "a function of time", "json": "json_extract"}
_opening = threading.Lock()


class QueryError(Exception):
    """A query failed; ``of_a_row`` if a value in some row was the cause."""

    def __init__(self, message: str, of_a_row: bool = False) -> None:
        self.of_a_row = of_a_row
        super().__init__(message)


class Database:
    """A cursor. One thread at a time may use it."""

    def __init__(self) -> None:
        with _opening:
            self._cursor = _database().cursor()

    def evaluate(
        self, expressions: Sequence[str], inputs: Sequence[Column], count: int, now: float | None
    ) -> list[Column]:
        """The values of ``expressions`` over ``count`` rows, whose columns are ``#0``, ``#1``, ...

        ``now``, epoch seconds, is the column ``#now``; None if no expression reads it.
        Raises QueryError.
        """
        import duckdb

        columns = ['unnest(range(?)) AS "#"']
        columns += [f'unnest(?::{each.type}[]) AS "#{at}"' for at, each in enumerate(inputs)]
        values: list[Any] = [count, *(each.values for each in inputs)]
        if now is not None:
            columns.append('make_timestamp(?::BIGINT) AS "#now"')
            values.append(int(now * 1000) * 1000)
        statement = f"SELECT {', '.join(expressions)} FROM (SELECT {', '.join(columns)})"  # noqa: S608
        timer = threading.Timer(RUN_SECONDS, self._cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            found = self._cursor.execute(statement, values)
            types = [str(each[1]) for each in found.description]
            rows = found.fetchall()
        except duckdb.InterruptException:
            raise QueryError(f"it took longer than {RUN_SECONDS:.0f} s") from None
        except duckdb.OutOfMemoryException:
            raise QueryError("it needs too much memory") from None
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
            raise QueryError(_reason(error)) from None
        except (duckdb.Error, OverflowError, ValueError) as error:  # last two: a year past 9999
            raise QueryError(_reason(error), of_a_row=True) from None
        finally:
            timer.cancel()
        by_column = zip(*rows, strict=True) if rows else ([] for _ in types)
        return [Column(list(column), kind) for column, kind in zip(by_column, types, strict=True)]

    def close(self) -> None:
        """Give the cursor back."""
        self._cursor.close()


@cache
def _database() -> Any:
    import duckdb

    database = duckdb.connect(":memory:", config=_SETTINGS)
    define_macros(database)
    for setting in _LOCKED_SETTINGS:
        database.execute(f"SET GLOBAL {setting}")
    return database


def _reason(error: BaseException) -> str:
    """DuckDB's first line in the words of a script."""
    first = (str(error) or "it failed").splitlines()[0]
    kind, _, rest = first.partition(": ")
    text = (rest if kind.endswith("Error") and rest else first).rstrip(".")
    macro = re.match(r"Macro \"?s[lp][ls]_(\w+)", text)
    if macro:
        name = _PUBLIC_NAMES.get(macro[1], macro[1])
        return f"{name} does not take values of these types"
    if re.match(r"No function matches|Could not choose a best candidate", text):
        called = re.search(r"'(.+?\(.*?\))'|\"(.+?\(.*?\))\"", text)
        shown = f": {called[1] or called[2]}" if called else ""
        return f"a function or an operator does not take values of these types{shown}"
    return text
