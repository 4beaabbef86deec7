"""``python -P -m core.sandbox.security_center --folder F --authority A --log-service FILE``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.sandbox.process import serve
from core.sandbox.security_center.emulator import SecurityCenterEmulator


def main() -> None:
    """Read the arguments and serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="core.sandbox.security_center", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the state folder")
    parser.add_argument("--authority", type=Path, required=True, help="folder of the authority")
    parser.add_argument(
        "--log-service", type=Path, required=True, help="file that says where Log Service is"
    )
    parser.add_argument(
        "--minute", type=float, default=1.0, help="seconds that a schedule's minute takes"
    )
    options = parser.parse_args()
    serve(
        SecurityCenterEmulator(
            options.folder, options.authority, options.log_service, options.minute
        )
    )


if __name__ == "__main__":
    main()
