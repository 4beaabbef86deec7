"""An engine whose Kafka client fails as a whole, once, after its first messages.

Run as ``python -m failing_consumer run ...``.
"""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException

from core.cli import main
from core.engine import engine, intake


class FailingIntake(intake.Intake):
    failed = False

    def poll(self, messages, seconds):
        good = super().poll(10, seconds)
        if good and not FailingIntake.failed:
            FailingIntake.failed = True
            raise KafkaException(KafkaError(KafkaError._FATAL))
        return good


if __name__ == "__main__":
    engine.Intake = FailingIntake
    main()
