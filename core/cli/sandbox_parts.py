"""Opening a sandbox from a command, its failures as problems."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import Code, problem_error

if TYPE_CHECKING:
    from core.sandbox.sandbox import Sandbox


@contextlib.contextmanager
def open_sandbox(folder: Path, **options: Any) -> Iterator[Sandbox]:
    """A running sandbox in ``folder``; ``options`` as :class:`core.sandbox.sandbox.Options`.

    Raises ProblemError when it does not start, or its parts are not installed.
    """
    try:
        import aiohttp  # noqa: F401
        import duckdb  # noqa: F401

        from core.sandbox.process import EmulatorError
        from core.sandbox.sandbox import FolderInUseError, Options, Sandbox
    except ImportError as error:
        raise problem_error(
            Code.SANDBOX_PARTS_NOT_INSTALLED, "sandbox", module=error.name or "unknown"
        ) from None
    sandbox = Sandbox(folder, Options(**options))
    try:
        sandbox.__enter__()
    except FolderInUseError as error:
        raise problem_error(
            Code.SANDBOX_FOLDER_IN_USE, "--folder", folder=folder, pid=error
        ) from None
    except (EmulatorError, OSError) as error:
        raise problem_error(Code.SANDBOX_NOT_STARTED, str(folder), reason=error) from None
    try:
        yield sandbox
    finally:
        sandbox.__exit__()
