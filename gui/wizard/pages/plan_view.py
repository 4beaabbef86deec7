"""A plan as people read it: what happens to what, what it costs, and how to do it by hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from core.errors import Problem
from core.onboarding.action import Action, Kind, Plan, State
from gui.accessibility import name
from gui.type_scale import font
from gui.widgets.badges import Badge
from gui.widgets.banner import Banner
from gui.widgets.buttons import Button
from gui.widgets.copy_button import CopyButton
from gui.widgets.layouts import column, frame, holder, row, take_out
from gui.widgets.plan_list import PlanKind, PlanList, PlanRow
from gui.widgets.problem_panel import Remedy
from gui.widgets.text import Label
from gui.words import tr, trn

_FIRST_COMMANDS = 3
_NAME_WIDTH = 172


def counts_of(plan: Plan) -> dict[str, int]:
    """How many actions there are of each kind; a blocked one counts as blocked only."""
    counts: dict[str, int] = dict.fromkeys((*map(str, Kind), "blocked"), 0)
    for each in plan.actions:
        counts["blocked" if each.state is State.BLOCKED else str(each.kind)] += 1
    return counts


def verb_of(plan: Plan) -> str:
    """The words of the button that carries the plan out: ``Create 4 and change 1``."""
    counts = counts_of(plan)
    create, change = counts["create"], counts["change"]
    if create and change:
        return tr("Create {create} and change {change}", create=create, change=change)
    return tr("Create {n}", n=create) if create else tr("Change {n}", n=change)


def title_of(action: Action) -> str:
    """The name of what an action is about."""
    kind, _, rest = action.id.removeprefix("azure/").partition("/")
    last = rest.rpartition("/")[2]
    if kind == "provider":
        return rest
    if kind == "connection_string":
        return tr("Connection string")
    if kind == "diagnostic_setting":
        source = rest.rpartition("/")[0]
        fixed = {
            "activity": tr("Activity log"),
            "entra": tr("Entra ID"),
            "defender": tr("Defender for Cloud"),
        }
        return fixed.get(source) or source.rpartition("/")[2]
    return last or action.id


def sentence_of(action: Action) -> str:
    """What an action does beside its name, with how a found thing differs."""
    title, what = title_of(action), f" {action.what} "
    if action.step != "diagnostic_settings" or "/policy/" in action.id:
        what = what.replace(f" {title} ", " ").replace(f" {title}:", ":")
    what = what.strip()
    for verb in ("create the ", "register the ", "keep the "):
        what = what.removeprefix(verb)
    differs = "; ".join(action.differences)
    whole = f"{what}; {differs}" if differs else what
    return whole[:1].upper() + whole[1:]


def _row(action: Action, running_cost: float | None) -> PlanRow:
    kind: PlanKind = "blocked" if action.state is State.BLOCKED else str(action.kind)  # type: ignore[assignment]
    creates = action.kind is Kind.CREATE
    runs = creates and action.cost_class == "running"
    usage = creates and action.cost_class == "usage"
    cost = running_cost if runs else 0.0
    return PlanRow(kind, title_of(action), sentence_of(action), cost, usage)


class Commands(QWidget):
    """The equivalent lines of the clouds' own command lines."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()
        self._shown = Label("", "machine", wrap=True)
        self._shown.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._opener = Button("", "quiet", "chevron-right", small=True)
        self._opener.setCheckable(True)
        self._opener.toggled.connect(self._show)
        copy = CopyButton(tr("Copy all"), lambda: "\n".join(self._lines), kind="quiet")
        self.count = Badge("az", "text", ground="outline", role="machine")
        head = row(Label(tr("Equivalent commands"), "strong"), self.count, self._opener, None, copy)
        self.setLayout(column(frame("sunken", column(head, 4, self._shown, margin=(13, 8, 8, 10)))))
        name(self, tr("Equivalent commands"))
        self.show_lines(())

    def show_lines(self, lines: tuple[str, ...]) -> None:
        """Show these; the first of them until all are asked for."""
        self._lines = lines
        self.setVisible(bool(lines))
        self._opener.setVisible(len(lines) > _FIRST_COMMANDS)
        self._show()

    def _show(self) -> None:
        whole = self._opener.isChecked()
        self._opener.setText(tr("Show fewer") if whole else tr("Show all {n}", n=len(self._lines)))
        self._opener.set_icon("chevron-down" if whole else "chevron-right")
        shown = self._lines if whole else self._lines[:_FIRST_COMMANDS]
        self._shown.setText("\n".join(shown))


class PlanView(QWidget):
    """The list of a plan with what blocks it, its costs in words, and its commands.

    Attributes:
        list: the table.
        ways_on: buttons that lead to where a problem is put right; set by the page.
    """

    def __init__(self, *, with_commands: bool = True) -> None:
        super().__init__()
        self.list = PlanList(tr("Azure"))
        self.blocks: QVBoxLayout = column(gap=8)
        self.costs = Label("", "caption", "muted", wrap=True)
        self.commands = Commands()
        across = self.list.table.view.horizontalHeader()
        across.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        across.resizeSection(1, _NAME_WIDTH)
        self._with_commands = with_commands
        self.ways_on: Callable[[Problem], tuple[Remedy, ...]] = lambda problem: ()
        self.setLayout(column(self.list, self.costs, self.blocks, self.commands, gap=10))

    def show_plan(self, plan: Plan, identity: str, running_cost: float | None) -> None:
        """Show ``plan``; ``identity``: who carries it out; ``running_cost``: of what runs."""
        as_who = tr("Azure, as {who}", who=identity) if identity else tr("Azure")
        self.list.title.setText(as_who)
        self.list.show_rows(tuple(_row(each, running_cost) for each in plan.actions))
        self.costs.setText("\n".join(plan.costs))
        self.costs.setVisible(bool(plan.costs))
        self._show_blocks(plan)
        lines = tuple(each.command for each in plan.actions if each.command and each.changes)
        self.commands.show_lines(lines if self._with_commands else ())

    def _show_blocks(self, plan: Plan) -> None:
        take_out(self.blocks)
        seen: set[str] = set()
        for each in plan.blocked:
            found = each.problem
            if found is not None and found.cause not in seen:
                seen.add(found.cause)
                self.blocks.addWidget(self._block(found))
        if plan.admin_request:
            self.blocks.addWidget(_request(plan.admin_request))

    def _block(self, problem: Problem) -> Banner:
        """Why an action is blocked, and a button that leads to where that is put right."""
        first = next(iter(self.ways_on(problem)), None)
        made = Banner(
            "fail", problem.cause, problem.remedy, first.text if first else "", icon="blocked"
        )
        if first is not None:
            made.pressed.connect(lambda: first.act())
        return made


def _request(text: str) -> QWidget:
    """What an administrator is to be asked for."""
    shown = Label(text, "machine", wrap=True, selectable=True)
    shown.setFont(font("machine"))
    copy = CopyButton(tr("Copy request"), text)
    head = row(Label(tr("Ask your administrator"), "strong"), None, copy)
    return holder(column(frame("sunken", column(head, 4, shown, margin=(13, 8, 8, 10)))))


def changes_sentence(plan: Plan) -> str:
    """How much a plan does, in words."""
    counts = counts_of(plan)
    made, changed, blocked = counts["create"], counts["change"], counts["blocked"]
    parts = (
        trn("{n} thing is to be made", "{n} things are to be made", made) if made else "",
        trn("{n} is to be changed", "{n} are to be changed", changed) if changed else "",
        trn("{n} cannot be done yet", "{n} cannot be done yet", blocked) if blocked else "",
    )
    said = ", ".join(part for part in parts if part)
    return f"{said}." if said else tr("Everything is there already.")
