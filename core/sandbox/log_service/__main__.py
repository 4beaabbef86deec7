"""``python -P -m core.sandbox.log_service --folder F --authority A [--endpoint E] [--discard]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.sandbox.log_service.emulator import LogServiceEmulator
from core.sandbox.process import serve


def main() -> None:
    """Read the arguments and serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="core.sandbox.log_service", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the state folder")
    parser.add_argument("--authority", type=Path, required=True, help="folder of the authority")
    parser.add_argument("--endpoint", default="cn-sandbox.log.isthmus.test", help="host name")
    parser.add_argument(
        "--discard", action="store_true", help="count LogGroups, keep a sample of them only"
    )
    options = parser.parse_args()
    serve(LogServiceEmulator(options.folder, options.authority, options.endpoint, options.discard))


if __name__ == "__main__":
    main()
