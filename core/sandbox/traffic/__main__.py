"""``python -P -m core.sandbox.traffic --folder F --bootstrap HOST:PORT --hub NAME ...``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.sandbox.process import serve
from core.sandbox.traffic.emulator import TrafficEmulator
from core.sandbox.traffic.sender import Target


def main() -> None:
    """Read the arguments and serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="core.sandbox.traffic", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the ledger is kept")
    parser.add_argument("--bootstrap", required=True, help="HOST:PORT of the namespace")
    parser.add_argument("--hub", required=True, help="the event hub")
    parser.add_argument("--ca", type=Path, required=True, help="PEM file of the authority")
    parser.add_argument(
        "--connection-string-file", type=Path, required=True, help="file with a Send right"
    )
    parser.add_argument("--seed", type=int, default=1, help="of a new folder's traffic")
    parser.add_argument(
        "--kinds", help="log categories of a new folder's traffic, with commas; default: all"
    )
    options = parser.parse_args()
    kinds = None if options.kinds is None else [each for each in options.kinds.split(",") if each]
    target = Target(options.bootstrap, options.hub, options.ca, options.connection_string_file)
    serve(TrafficEmulator(options.folder, target, options.seed, kinds))


if __name__ == "__main__":
    main()
