"""``python keeper.py PROGRAM ARGUMENT...``: runs a program that ends with whoever started it.

The first line on standard output is the program's process id. The end of standard input kills
the program, so that tests that are killed leave none behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading


def main() -> int:
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr)
    print(program.pid, flush=True)

    def watch() -> None:
        while os.read(0, 4096):
            pass
        program.kill()

    threading.Thread(target=watch, daemon=True).start()
    return program.wait()


if __name__ == "__main__":
    sys.exit(main())
