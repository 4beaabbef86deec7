"""The forms of a namespace's endpoint, below its name, as the documented procedure shows them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.azure.clouds import cloud
from core.kafka.connection_string import KAFKA_PORT
from gui.accessibility import name
from gui.widgets.copy_button import CopyButton
from gui.widgets.layouts import column, row
from gui.widgets.text import Label
from gui.words import tr

_LABEL_WIDTH = 132


class EndpointLines(QWidget):
    """What Kafka clients connect to, and what stands in connection strings."""

    def __init__(self) -> None:
        super().__init__()
        self.kafka, self._copy = _line(), CopyButton(tr("Copy"), "", kind="quiet")
        self.endpoint = _line()
        name(self._copy, tr("Copy the Kafka address"))
        lines = column(gap=2)
        for title, value, copy in (
            (tr("Kafka clients use"), self.kafka, self._copy),
            (tr("Connection strings"), self.endpoint, None),
        ):
            label = Label(title, "caption", "muted")
            label.setFixedWidth(_LABEL_WIDTH)
            line = row(label, value)
            if copy is not None:
                line.addWidget(copy)
            line.addStretch(1)
            lines.addLayout(line)
        self.setLayout(lines)

    def show_namespace(self, typed: str, which: str) -> None:
        """Show the endpoint that ``typed`` has in the cloud ``which``."""
        host = f"{typed or tr('name')}{cloud(which).kafka_suffix}"
        self.kafka.setText(f"{host}:{KAFKA_PORT}")
        self.endpoint.setText(f"sb://{host}/")
        self._copy.set_text_to_copy(f"{host}:{KAFKA_PORT}")
        self._copy.setEnabled(bool(typed))


def _line() -> Label:
    return Label("", "machine", selectable=True)
