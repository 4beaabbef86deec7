"""``python -P -m core.sandbox.event_hubs --folder F --authority A [--port N]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.sandbox.event_hubs.emulator import EventHubsEmulator
from core.sandbox.process import serve


def main() -> None:
    """Read the arguments and serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="core.sandbox.event_hubs", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the state folder")
    parser.add_argument("--authority", type=Path, required=True, help="folder of the authority")
    parser.add_argument("--port", type=int, default=0, help="port of the first start")
    options = parser.parse_args()
    serve(EventHubsEmulator(options.folder, options.authority, options.port))


if __name__ == "__main__":
    main()
