"""A record as a tree: names, values by their kind, hits of the filter marked. Children are lazy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)
from typing_extensions import override

from gui.accessibility import name
from gui.figures import number
from gui.theme import theme
from gui.type_scale import font, height
from gui.words import tr, trn

_VALUE = int(Qt.ItemDataRole.UserRole)
_TONE = _VALUE + 1
_HIT = _VALUE + 2
LONGEST_LIST = 2000
"""Of a longer object or array only this many are shown, and how many more there are."""
_NAME_SHARE = 0.45


class _Painter(QStyledItemDelegate):
    """Names and values in the fixed font, a hit on the mark's ground."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(40, height(21))

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        place = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        hit = bool(index.data(_HIT))
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(place, theme().color("selection"))
        elif hit:
            painter.fillRect(place.adjusted(0, 0, 0, -1), theme().color("mark"))
        used = font("machine")
        painter.setFont(used)
        painter.setPen(
            theme().color("mark-text" if hit and not chosen else str(index.data(_TONE) or "text"))
        )
        inner = place.adjusted(4, 0, -4, 0)
        shown = QFontMetrics(used).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, int(inner.width())
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)


class _Held:
    """Holds a value as it is: as a QVariant an object would lose the order of its names."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class JsonTree(QTreeWidget):
    """Shows one JSON value. Ctrl+C copies the selected value."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setHeaderLabels([tr("Name"), tr("Value")])
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.header()
        head.setStretchLastSection(True)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemExpanded.connect(self._fill)
        self._marks: tuple[str, ...] = ()
        name(self, title)

    def show_value(self, value: Any, marks: tuple[str, ...] = (), levels: int = 2) -> None:
        """Show ``value``; texts that hold one of ``marks`` are marked; so many levels are open."""
        self._marks = tuple(mark.lower() for mark in marks if mark)
        self.clear()
        root = self.invisibleRootItem()
        for key, child in _children(value):
            root.addChild(self._item(key, child))
        self._open(root, levels)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnWidth(0, int(self.viewport().width() * _NAME_SHARE))

    @override
    def keyPressEvent(self, event: Any) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            item = self.currentItem()
            if item is not None:
                value = item.data(0, _VALUE).value
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                QGuiApplication.clipboard().setText(text)
            return
        super().keyPressEvent(event)

    def _open(self, parent: QTreeWidgetItem, levels: int) -> None:
        if levels <= 1:
            return
        for at in range(min(parent.childCount(), 60)):
            child = parent.child(at)
            if child is None:
                continue
            if child.childIndicatorPolicy() is QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator:
                child.setExpanded(True)
                self._open(child, levels - 1)

    def _item(self, key: str, value: Any) -> QTreeWidgetItem:
        shown, tone = _words(value)
        item = QTreeWidgetItem([key, shown])
        item.setData(0, _VALUE, _Held(value))
        item.setData(0, _TONE, "j-key")
        item.setData(1, _TONE, tone)
        item.setToolTip(0, key)
        item.setToolTip(1, shown[:2000])
        if not isinstance(value, (dict, list)) and self._marks:
            hit = any(mark in shown.lower() for mark in self._marks)
            item.setData(0, _HIT, hit)
            item.setData(1, _HIT, hit)
        if isinstance(value, (dict, list)) and value:
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return item

    def _fill(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            return
        for key, value in _children(item.data(0, _VALUE).value):
            item.addChild(self._item(key, value))


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        pairs = [(str(key), child) for key, child in value.items()]
    elif isinstance(value, list):
        pairs = [(str(at), child) for at, child in enumerate(value)]
    else:
        pairs = [(tr("value"), value)]
    yield from pairs[:LONGEST_LIST]
    if len(pairs) > LONGEST_LIST:
        yield "…", tr("{n} more", n=number(len(pairs) - LONGEST_LIST))


def _words(value: Any) -> tuple[str, str]:
    """How a value is written, and its colour."""
    if isinstance(value, dict):
        return trn("{n} field", "{n} fields", len(value)), "muted"
    if isinstance(value, list):
        return trn("{n} item", "{n} items", len(value)), "muted"
    if isinstance(value, str):
        return value.replace("\n", "⏎"), "j-str"
    if value is None or isinstance(value, bool):
        return json.dumps(value), "j-lit"
    return str(value), "j-num"
