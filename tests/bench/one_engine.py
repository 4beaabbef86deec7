"""One engine, timed from its first record to its last acknowledgement; prints one JSON object."""

from __future__ import annotations

import json
import resource
import sys
import threading
import time

from core.alibaba.log_service.access import log_service_access
from core.alibaba.log_service.check import check_logstore
from core.engine.engine import Engine
from core.kafka.settings import hub_access
from core.profile import load_profile


def main() -> None:
    """Run the engine of the profile named on the command line until it has caught up."""
    profile = load_profile(sys.argv[1])
    log_service = log_service_access(profile)
    assert check_logstore(log_service) is None  # as ``isthmus run`` does; it loads the SDK's signer
    engine = Engine(profile, hub_access(profile), log_service, None, True)
    moments: list[tuple[float, int, int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            moments.append(
                (time.perf_counter(), engine._transform.received, engine._counters.stored)
            )

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        engine.run()
    finally:
        done.set()
        watcher.join()
    stored = engine.status.records["stored"]
    first = next(moment for moment, received, _ in moments if received)
    last = next((moment for moment, _, done_then in moments if done_then == stored), moments[-1][0])
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": last - first,
                "records": stored,
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "peak_bytes": usage.ru_maxrss * 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
