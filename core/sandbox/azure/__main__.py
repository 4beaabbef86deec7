"""``python -P -m core.sandbox.azure --folder F --authority A --event-hubs-door D [--port N]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.sandbox.azure.emulator import AzureEmulator
from core.sandbox.process import serve


def main() -> None:
    """Read the arguments and serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="core.sandbox.azure", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the state folder")
    parser.add_argument("--authority", type=Path, required=True, help="folder of the authority")
    parser.add_argument(
        "--event-hubs-door", type=Path, required=True, help="door.json of the Event Hubs emulator"
    )
    parser.add_argument("--port", type=int, default=0, help="port of the first start")
    options = parser.parse_args()
    serve(AzureEmulator(options.folder, options.authority, options.event_hubs_door, options.port))


if __name__ == "__main__":
    main()
