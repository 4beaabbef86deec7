"""The tree of sources: ticks for sources and categories; a resource's categories on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
)

from core.errors import Problem
from core.onboarding.draft import SettingDraft
from gui import icons
from gui.accessibility import name
from gui.figures import number
from gui.theme import theme
from gui.type_scale import font, height
from gui.wizard.pages.source_choice import Source, chosen, toggled, with_chosen, words_of
from gui.words import tr, trn

_KEY = int(Qt.ItemDataRole.UserRole)
_CATEGORY = _KEY + 1
_TICKABLE = Qt.ItemFlag.ItemIsUserCheckable
_SHOWN_CATEGORIES = 3


class SourceTree(QTreeWidget):
    """Shows what can send logs and what of it is chosen.

    Signals:
        changed: with the new settings, by the user.
        categories_wanted: (Source, whether it is to be chosen): what it sends is not known yet.
    """

    changed = Signal(object)
    categories_wanted = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("framed", True)
        self.viewport().setAutoFillBackground(False)
        self._sources: dict[str, Source] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._known: dict[str, tuple[str, ...]] = {}
        self._settings: tuple[SettingDraft, ...] = ()
        self._problems: Mapping[str, Problem] = {}
        self.setHeaderLabels([tr("Source"), tr("Type and region"), tr("Chosen")])
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setIndentation(20)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(16, 16))
        head = self.header()
        head.setFont(font("head"))
        head.setFixedHeight(height(29))
        head.setStretchLastSection(True)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        head.setSectionsMovable(False)
        self.setColumnWidth(0, 300)
        self.setColumnWidth(1, 190)
        name(self, tr("Sources of logs"))
        self._resources = QTreeWidgetItem([tr("Resources of the subscription"), "", ""])
        self._resources.setFont(0, font("strong"))
        self._resources.setSizeHint(0, QSize(0, height(28)))
        self.addTopLevelItem(self._resources)
        self.itemChanged.connect(self._on_changed)
        self.itemExpanded.connect(self._on_expanded)

    # What it is given

    def add_fixed(self, source: Source, categories: tuple[str, ...]) -> None:
        """A source that is always there, with what it sends."""
        item = self._made(source)
        item.setFont(0, font("strong"))
        self.insertTopLevelItem(self.indexOfTopLevelItem(self._resources), item)
        self.set_categories(source, categories)

    def add_resources(self, sources: Iterable[Source]) -> None:
        """Resources that were found; those that are there already get what is new about them."""
        fresh = []
        with QSignalBlocker(self):
            for source in sources:
                if source.key in self._items:
                    self._sources[source.key] = source
                    self._label(self._items[source.key], source)
                    continue
                item = self._made(source)
                item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
                fresh.append(item)
            self._resources.addChildren(fresh)
        for item in fresh:
            self._show(str(item.data(0, _KEY)))
        self._resources.setText(1, trn("{n} found", "{n} found", self._resources.childCount()))

    def sort_resources(self) -> None:
        """By name: the last one has arrived."""
        self._resources.sortChildren(0, Qt.SortOrder.AscendingOrder)

    def open_resources(self) -> None:
        """Show the resources."""
        self._resources.setExpanded(True)

    def set_categories(self, source: Source, categories: tuple[str, ...]) -> None:
        """What ``source`` sends; nothing: it sends no logs."""
        self._known[source.key] = categories
        item = self._items[source.key]
        with QSignalBlocker(self):
            item.takeChildren()
            item.addChildren([self._category(source, each) for each in categories])
            if not categories:
                item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicator)
                item.setFlags(item.flags() & ~_TICKABLE)
                item.setData(0, Qt.ItemDataRole.CheckStateRole, None)
        self._show(source.key)

    def show_waiting(self, source: Source) -> None:
        """What ``source`` sends is being asked."""
        self._items[source.key].setText(2, tr("asking Azure what it sends"))

    def show_settings(self, settings: tuple[SettingDraft, ...]) -> None:
        """Show what is chosen; a resource that nobody found yet gets its row."""
        old, self._settings = self._settings, settings
        for each in settings:
            if each.kind == "resource" and each.resource_id.lower() not in self._items:
                parts = each.resource_id.split("/")
                kind = "/".join(parts[6:8])
                self.add_resources(
                    (Source("resource", parts[-1], each.resource_id, kind, each.location),)
                )
        keys = {each.resource_id.lower() or each.kind for each in (*old, *settings)}
        for key in keys & set(self._items):
            self._show(key)

    def show_problems(self, problems: Mapping[str, Problem]) -> None:
        """Mark the sources with something wrong; by their key."""
        before, self._problems = self._problems, problems
        for key in {*before, *problems} & set(self._items):
            self._show(key)

    def keep_only(self, words: Sequence[str], only_chosen: bool) -> None:
        """Hide the resources that lack one of ``words``, and what is not chosen if so wished."""
        self.setUpdatesEnabled(False)
        picked = {each.resource_id.lower() or each.kind for each in self._settings}
        for key, item in self._items.items():
            source = self._sources[key]
            text = f"{source.name} {source.type} {source.location} {source.group}".lower()
            lacks = any(word not in text for word in words)
            item.setHidden(lacks or (only_chosen and key not in picked))
        if words:
            self._resources.setExpanded(True)
        self.setUpdatesEnabled(True)

    @property
    def shown_resources(self) -> int:
        """How many resources are not hidden."""
        return sum(not each.isHidden() for each in _children(self._resources))

    @property
    def found_resources(self) -> int:
        """How many resources there are."""
        return self._resources.childCount()

    def item_of(self, key: str) -> QTreeWidgetItem:
        """The row of a source. Raises KeyError."""
        return self._items[key]

    def choose(self, source: Source, categories: tuple[str, ...]) -> None:
        """Choose ``categories`` of ``source``, as if the user had ticked them."""
        self._settings = with_chosen(self._settings, source, categories)
        self._show(source.key)
        self.changed.emit(self._settings)

    # Inside

    def _made(self, source: Source) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, _KEY, source.key)
        item.setFlags(item.flags() | _TICKABLE)
        item.setCheckState(0, Qt.CheckState.Unchecked)
        item.setSizeHint(0, QSize(0, height(28)))
        self._sources[source.key] = source
        self._items[source.key] = item
        self._label(item, source)
        return item

    def _label(self, item: QTreeWidgetItem, source: Source) -> None:
        kind = source.type.rpartition("/")[2]
        where = ", ".join(part for part in (kind, source.location) if part)
        item.setText(0, source.name)
        item.setText(1, where)
        item.setToolTip(0, source.resource_id or source.name)
        item.setToolTip(1, source.type)
        item.setForeground(1, theme().color("muted"))

    def _category(self, source: Source, category: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([words_of(category), "", ""])
        if category.startswith("group:"):
            item.setText(1, tr("category group"))
            item.setForeground(1, theme().color("muted"))
        item.setData(0, _KEY, source.key)
        item.setData(0, _CATEGORY, category)
        item.setFlags(item.flags() | _TICKABLE)
        item.setCheckState(0, Qt.CheckState.Unchecked)
        item.setSizeHint(0, QSize(0, height(26)))
        return item

    def _show(self, key: str) -> None:
        """The ticks and words of one source."""
        item, source = self._items[key], self._sources[key]
        picked, known = chosen(self._settings, source), self._known.get(key)
        with QSignalBlocker(self):
            singles = [each for each in known or () if not each.startswith("group:")]
            whole = bool(picked) and (
                "group:allLogs" in picked or (bool(singles) and set(singles) <= set(picked))
            )
            state = Qt.CheckState.Checked if whole else Qt.CheckState.PartiallyChecked
            if item.flags() & _TICKABLE:
                item.setCheckState(0, state if picked else Qt.CheckState.Unchecked)
            for child in _children(item):
                on = child.data(0, _CATEGORY) in picked
                child.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self._say(item, key, picked, known)
        self.viewport().update()

    def _say(
        self,
        item: QTreeWidgetItem,
        key: str,
        picked: tuple[str, ...],
        known: tuple[str, ...] | None,
    ) -> None:
        text = ", ".join(words_of(each) for each in picked)
        if len(picked) > _SHOWN_CATEGORIES:
            total = sum(not each.startswith("group:") for each in known or ())
            text = tr("{n} of {total} categories", n=number(len(picked)), total=number(total))
        if known == ():
            text = tr("sends no logs")
        item.setText(2, text)
        item.setToolTip(2, ", ".join(picked))
        found = self._problems.get(key)
        if found is None:
            item.setData(2, Qt.ItemDataRole.DecorationRole, None)
            item.setForeground(2, theme().color("text" if picked else "muted"))
            return
        bad = found.severity == "error"
        shape, tone = ("blocked", "fail") if bad else ("warning", "warn")
        item.setIcon(2, icons.icon(shape, tone))
        item.setForeground(2, theme().color(tone))
        item.setToolTip(2, f"{found.cause} {found.remedy}")

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        key = item.data(0, _KEY)
        if column != 0 or key is None:
            return
        source = self._sources[str(key)]
        on = item.checkState(0) is Qt.CheckState.Checked
        category = item.data(0, _CATEGORY)
        if category is not None:
            picked = toggled(chosen(self._settings, source), str(category), on)
            self.choose(source, self._ordered(source, picked))
        elif not on:
            self.choose(source, ())
        elif source.key in self._known:
            self.choose(source, self._all_of(source))
        else:
            self.categories_wanted.emit(source, True)

    def _on_expanded(self, item: QTreeWidgetItem) -> None:
        key = item.data(0, _KEY)
        if key is not None and str(key) not in self._known:
            self.categories_wanted.emit(self._sources[str(key)], False)

    def _all_of(self, source: Source) -> tuple[str, ...]:
        known = self._known[source.key]
        groups = [each for each in known if each.startswith("group:")]
        if "group:allLogs" in groups:
            return ("group:allLogs",)
        return tuple(each for each in known if each not in groups)

    def _ordered(self, source: Source, picked: tuple[str, ...]) -> tuple[str, ...]:
        known = self._known.get(source.key, ())
        rest = tuple(each for each in picked if each not in known)
        return (*(each for each in known if each in picked), *rest)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(at) for at in range(item.childCount()))
    return [each for each in found if each is not None]
