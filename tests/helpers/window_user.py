"""A user of the window, on its GUI thread: finds controls by their names, uses mouse and keys."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)

from gui.jobs import Jobs
from gui.shell import MainWindow

_LEFT = Qt.MouseButton.LeftButton


class User:
    """Sees and does in ``window`` what a user could."""

    def __init__(self, window: MainWindow, jobs: Jobs) -> None:
        self._window = window
        self._jobs = jobs
        self._watchdog: Any = None

    # What is seen

    def look(self) -> dict[str, Any]:
        """The page and all around it."""
        wizard = self._window.wizard
        if not wizard.isVisible():
            return {
                "step": "",
                "welcome": True,
                "buttons": self.buttons(),
                "said": self._said(self._window.welcome),
            }
        page, flow = wizard.page, wizard.flow
        problem = page.problem_panel.problem
        return {
            "step": str(flow.current),
            "welcome": False,
            "history": [str(each) for each in flow.history],
            "visited": [str(each) for each in flow.visited],
            "title": page.title.text(),
            "said": self._said(page),
            "lead": page.lead.prose(),
            "on": wizard.footer.filled.text(),
            "can_go_on": wizard.footer.filled.isEnabled(),
            "verb": page.offer.verb,
            "reason": page.offer.reason,
            "changes": wizard.footer.changes.accessibleName(),
            "saved": wizard._saved.text(),
            "problem": str(problem.code) if problem else "",
            "remedies": [each.text() for each in page.problem_panel.buttons],
            "buttons": self.buttons(),
            "waiting": [job.key for job in self._jobs._running.values() if job.key != "warm_up"],
        }

    def fields(self) -> dict[str, str]:
        """What stands in the fields of the page, by their names."""
        found: dict[str, str] = {}
        for each in self._window.findChildren(QWidget):
            if not each.isVisible() or not each.accessibleName():
                continue
            if isinstance(each, QLineEdit):
                if not isinstance(each.parent(), (QAbstractSpinBox, QComboBox)):
                    found[each.accessibleName()] = each.text()
            elif isinstance(each, QAbstractSpinBox):
                found[each.accessibleName()] = each.text()
            elif isinstance(each, QComboBox):
                found[each.accessibleName()] = each.currentText()
        return found

    def buttons(self) -> list[str]:
        """Buttons that can be pressed now."""
        return [_title(each) for each in self._visible(QAbstractButton) if each.isEnabled()]

    def picked(self) -> list[str]:
        """Names of radio buttons and ticks that are set."""
        return [_title(each) for each in self._visible(QAbstractButton) if each.isChecked()]

    def texts(self) -> list[str]:
        """All words on the page."""
        return [each.text() for each in self._visible(QLabel) if each.text()]

    def stages(self) -> dict[str, str]:
        """The rows of the Kafka test: title -> state."""
        rows = self._window.wizard.page.stages.rows
        return {row.stage.title: row.stage.state for row in rows}

    def figure(self, path: str) -> Any:
        """A public value of the page, for what has no words: ``view.tail.table.model.shown``."""
        value: Any = self._window.wizard.page
        for part in path.split("."):
            value = getattr(value, part)
        return value

    # What is done

    def click(self, name: str) -> None:
        """Press a button by its name or words."""
        button = self._button(name)
        scroll = self._window.wizard.page if self._window.wizard.isVisible() else None
        if scroll is not None and scroll.isAncestorOf(button):
            scroll.ensureWidgetVisible(button)
            QApplication.processEvents()
        QTest.mouseClick(button, _LEFT, Qt.KeyboardModifier.NoModifier, _spot(button))

    def type(self, name: str, text: str) -> None:
        """Type ``text`` into a field instead of what stands there."""
        field = self._field(name)
        QTest.mouseClick(field, _LEFT)
        field.setFocus(Qt.FocusReason.MouseFocusReason)
        field.selectAll()
        QTest.keyClicks(field, text)

    def choose(self, name: str, text: str) -> None:
        """Choose from a list by its words, as keys do."""
        box = next(each for each in self._visible(QComboBox) if each.accessibleName() == name)
        wanted = box.findText(text, Qt.MatchFlag.MatchStartsWith)
        if wanted < 0:
            raise LookupError(f"{name} does not offer {text}")
        box.setFocus(Qt.FocusReason.TabFocusReason)
        while box.currentIndex() != wanted:
            down = box.currentIndex() < wanted
            QTest.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)

    def wheel(self, name: str, notches: int) -> None:
        """Turn the wheel over the table ``name``; up is positive."""
        table = next(each for each in self._visible(QTableView) if each.accessibleName() == name)
        spot = table.viewport().rect().center()
        turned = QWheelEvent(
            spot.toPointF(),
            table.viewport().mapToGlobal(spot).toPointF(),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(table.viewport(), turned)

    def press(self, key: str, modifier: str = "NoModifier") -> str:
        """Press a key where the focus is; the name of what has the focus then."""
        focused = QApplication.focusWidget()
        assert focused is not None, "the keyboard leads nowhere"
        QTest.keyClick(focused, Qt.Key[f"Key_{key}"], Qt.KeyboardModifier[modifier])
        return self.focus()

    def focus(self) -> str:
        """The name of what has the focus."""
        focused = QApplication.focusWidget()
        return _title(focused) if focused is not None else ""

    def close(self) -> None:
        """Close the window."""
        self._window.close()

    # Blocks of the GUI thread

    def watch(self, longest: float) -> None:
        """Watch the GUI thread from now on; blocks longer than ``longest`` seconds are kept."""
        from screens.watchdog import Watchdog

        self._watchdog = Watchdog(longest)
        self._watchdog.__enter__()

    def watched(self) -> dict[str, Any]:
        """End the watch: blocks, the longest gap and how late the watcher itself was."""
        self._watchdog.__exit__()
        told = {"blocks": self._watchdog.blocks, "worst": self._watchdog.worst}
        self._watchdog = None
        return told

    # How things are found

    def _visible(self, kind: Any) -> list[Any]:
        roots = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
        found = [each for root in roots for each in (root, *root.findChildren(QWidget))]
        return [each for each in found if isinstance(each, kind) and each.isVisible()]

    def _button(self, name: str) -> QAbstractButton:
        shown = self._visible(QAbstractButton)
        for each in shown:
            if _title(each) == name:
                if not each.isEnabled():
                    raise LookupError(f"{name} is off")
                return each
        raise LookupError(f"no button {name!r} among {[_title(each) for each in shown]}")

    def _field(self, name: str) -> Any:
        for each in self._visible((QLineEdit, QAbstractSpinBox)):
            if each.accessibleName() == name:
                return each
        raise LookupError(f"no field {name!r} among {sorted(self.fields())}")

    def _said(self, root: QWidget) -> list[str]:
        return [
            each.text() for each in root.findChildren(QLabel) if each.isVisible() and each.text()
        ]


def _title(widget: QWidget) -> str:
    own = widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else ""
    return (widget.accessibleName() or own).replace("&", "").strip()


def _spot(button: QAbstractButton) -> QPoint:
    """Where a mouse meets the button: a radio button takes a click at its circle only."""
    return QPoint(min(10, button.width() // 2), button.height() // 2)
