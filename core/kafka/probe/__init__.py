"""The staged connection test: which step towards the event hub fails, and why.

``list_topics()`` alone answers every fault with the same "failed to get metadata" after its whole
timeout, so each stage is tried by itself and the test ends as soon as a cause is known.
"""

from core.kafka.probe.cancellation import Cancellation
from core.kafka.probe.stages import STAGES, Limits, Probe, SampleRow, Stage
from core.kafka.probe.walk import probe_hub

__all__ = ["STAGES", "Cancellation", "Limits", "Probe", "SampleRow", "Stage", "probe_hub"]
