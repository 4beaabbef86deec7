"""The menu bar: everything that is not of one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from gui.accessibility import name
from gui.wizard.welcome import THEMES
from gui.words import tr

if TYPE_CHECKING:
    from gui.shell import MainWindow


def make_menus(window: MainWindow) -> QActionGroup:
    """Fill the menu bar of ``window``; the group of the themes' actions."""
    bar = window.menuBar()
    name(bar, tr("Menu"))
    file = bar.addMenu(tr("&File"))
    file.addAction(tr("New import"), QKeySequence.StandardKey.New, window.start_new)
    file.addAction(tr("Open profile…"), QKeySequence.StandardKey.Open, window.open_file)
    file.addAction(tr("Open the sandbox"), window.sandbox_asked.emit)
    file.addSeparator()
    file.addAction(tr("Welcome page"), window.leave_wizard)
    settings = file.addAction(tr("Settings"))
    settings.setShortcut(QKeySequence("Ctrl+,"))
    settings.triggered.connect(lambda: window.show_settings())
    settings.setMenuRole(QAction.MenuRole.PreferencesRole)
    file.addSeparator()
    leave = file.addAction(tr("Quit"), QKeySequence.StandardKey.Quit, window.close)
    leave.setMenuRole(QAction.MenuRole.QuitRole)
    go = bar.addMenu(tr("&Import"))
    go.addAction(tr("Back\tAlt+Left"), window.wizard.go_back)
    go.addAction(tr("Steps"), QKeySequence("Ctrl+L"), window.wizard.rail.setFocus)
    view = bar.addMenu(tr("&View"))
    themes = QActionGroup(window)
    for choice, words in THEMES.items():
        action = view.addAction(tr(words))
        action.setCheckable(True)
        action.setData(choice)
        action.triggered.connect(lambda _checked, choice=choice: window.choose_theme(choice))
        themes.addAction(action)
    help_menu = bar.addMenu(tr("&Help"))
    help_menu.addAction(tr("About this step\tF1"), lambda: window.wizard.show_help(True))
    help_menu.addAction(tr("Save diagnostic bundle…"), lambda: window.save_bundle())
    return themes
