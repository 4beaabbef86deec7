"""The engine's counters for Prometheus.

Names follow the conventions of Prometheus ("Metric and label naming"): a unit at the end, totals
called ``_total``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.engine.counters import Status

STATES = ("starting", "running", "paused", "stopping", "failing")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_RECORDS = {
    "received": "Records split out of messages.",
    "stored": "Records that Log Service has acknowledged.",
    "repaired": "Records stored after a repair of their JSON.",
    "dead_lettered": "Records in the dead-letter queue.",
}


class StatusCollector(Collector):
    """Turns a status into metrics, each time somebody asks."""

    def __init__(
        self, status: Callable[[], Status], watched: Callable[[], tuple[int, int]]
    ) -> None:
        """``watched``: readers of the tail now, and records dropped for readers so far."""
        self._status = status
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        """All metrics of this moment."""
        status = self._status()
        for name, meaning in _RECORDS.items():
            yield CounterMetricFamily(f"isthmus_records_{name}", meaning, status.records[name])
        repairs = CounterMetricFamily(
            "isthmus_repairs", "Records by the repair that they needed.", labels=["repair"]
        )
        for name, count in sorted(status.repairs.items()):
            repairs.add_metric([name], count)
        yield repairs
        yield CounterMetricFamily("isthmus_messages", "Messages read.", status.messages)
        yield from self._gauges(status)
        readers, dropped = self._watched()
        yield _gauge("isthmus_tail_readers", "Readers of the live tail.", readers)
        yield CounterMetricFamily(
            "isthmus_tail_dropped_records", "Records not shown to a reader of the tail.", dropped
        )

    def _gauges(self, status: Status) -> Iterator[Metric]:
        yield _gauge("isthmus_lag_records", "Records that wait, estimated.", status.lag_records)
        yield _gauge("isthmus_lag_messages", "Messages that wait in the hub.", status.lag_messages)
        if status.lag_seconds is not None:
            yield _gauge(
                "isthmus_lag_seconds",
                "How long the oldest message that is not stored has waited.",
                status.lag_seconds,
            )
        for name in ("low", "high", "committed", "stored", "lag"):
            family = GaugeMetricFamily(
                f"isthmus_partition_{name}{'_messages' if name == 'lag' else '_offset'}",
                f"{name} of an assigned partition.",
                labels=["partition"],
            )
            for each in status.partitions:
                family.add_metric([str(each.id)], getattr(each, name))
            yield family
        yield _gauge("isthmus_memory_bytes", "Resident memory of the engine.", status.memory_bytes)
        yield _gauge("isthmus_start_time_seconds", "When the engine started.", status.since)
        state = GaugeMetricFamily("isthmus_state", "1 for the present state.", labels=["state"])
        for name in STATES:
            state.add_metric([name], float(status.state == name))
        yield state


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value)


class Metrics:
    """The page ``/metrics``."""

    def __init__(
        self, status: Callable[[], Status], watched: Callable[[], tuple[int, int]]
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(StatusCollector(status, watched))

    def page(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self._registry)
