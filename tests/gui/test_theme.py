"""The table of colours keeps its promises of contrast, and everything is made from it."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QPalette

from gui import icons
from gui.theme import Choice, theme
from gui.tokens import STATUSES, Scheme, contrast, tokens

GROUNDS = ("window", "surface", "raised", "sunken")
TEXTS = ("text", "muted", "faint", "accent-text", *STATUSES)
SCHEMES = tuple(Scheme)


def test_contrast_is_computed_as_the_standard_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_every_ground(scheme):
    table = tokens(scheme)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(text, "selection") for text in TEXTS if text != "faint"]
    pairs += [(status, f"{status}-soft") for status in STATUSES]
    pairs += [("accent-text", "accent-soft"), ("text", "accent-soft"), ("muted", "accent-soft")]
    pairs += [("text", f"{status}-soft") for status in STATUSES]
    pairs += [("on-accent", ground) for ground in ("accent", "accent-hover", "accent-press")]
    pairs += [("mark-text", "mark")]
    pairs += [(f"j-{kind}", "surface") for kind in ("key", "str", "num", "lit")]
    poor = {
        pair: ratio for pair in pairs if (ratio := contrast(table[pair[0]], table[pair[1]])) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_outlines_and_the_ring_of_focus_stand_out(scheme):
    table = tokens(scheme)
    poor = {
        (line, ground): ratio
        for line in ("border-strong", "focus")
        for ground in GROUNDS
        if (ratio := contrast(table[line], table[ground])) < 3.0
    }
    assert poor == {}


def test_all_schemes_have_the_same_names():
    names = {scheme: set(tokens(scheme)) for scheme in SCHEMES}
    assert names[Scheme.LIGHT] == names[Scheme.DARK] == names[Scheme.HIGH_CONTRAST]
    assert all(
        re.fullmatch("#[0-9A-F]{6}", colour)
        for scheme in SCHEMES
        for colour in tokens(scheme).values()
    )


@pytest.mark.parametrize("choice", [Choice.LIGHT, Choice.DARK, Choice.HIGH_CONTRAST])
def test_palette_and_style_sheet_come_from_the_table(qapp, choice):
    theme().choose(choice)
    table = tokens(Scheme(choice))
    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Base).name().upper() == table["surface"]
    assert palette.color(QPalette.ColorRole.Text).name().upper() == table["text"]
    sheet = qapp.styleSheet()
    assert not re.search(r"\$[a-z]|%[a-z]", sheet)
    colours = {each.upper() for each in re.findall(r"#[0-9A-Fa-f]{6}", sheet)}
    assert colours
    assert colours <= set(table.values())


def test_no_colour_stands_anywhere_but_in_the_table():
    from pathlib import Path

    root = Path(__file__).parents[2]
    places = [*(root / "gui").rglob("*.py"), *(root / "resources" / "icons").glob("*.svg")]
    found = {
        path.name: hits
        for path in places
        if (hits := re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text("utf-8")))
    }
    assert found == {}


def test_the_window_changes_its_colours_at_once(window, qtbot):
    window.choose_theme(Choice.LIGHT)
    light = window.grab().toImage().pixelColor(700, 200)
    window.choose_theme(Choice.DARK)
    dark = window.grab().toImage().pixelColor(700, 200)
    assert light.name().upper() == tokens(Scheme.LIGHT)["surface"]
    assert dark.name().upper() == tokens(Scheme.DARK)["surface"]


def _drawn(name):
    picture = icons.pixmap(name, "text", 16).toImage()
    return sum(
        picture.pixelColor(x, y).alpha() > 40
        for x in range(picture.width())
        for y in range(picture.height())
    )


def test_every_icon_can_be_drawn(qapp):
    assert {name: count for name in icons.names() if (count := _drawn(name)) <= 8} == {}


def test_states_have_shapes_of_their_own(qapp):
    """Told apart without colour: no two shapes have the same picture in black."""
    from gui.wizard.step_states import StepState, look

    shapes = {look(state).icon for state in StepState}
    pictures = {
        shape: bytes(icons.pixmap(shape, "text", 32).toImage().constBits()) for shape in shapes
    }
    assert len(set(pictures.values())) == len(shapes)


def test_a_larger_system_font_makes_everything_higher(qapp):
    from gui.type_scale import font, height

    before = qapp.font()
    small = (height(32), font("title").pixelSize())
    try:
        larger = qapp.font()
        larger.setPixelSize(26)
        qapp.setFont(larger)
        assert height(32) > small[0] + 8
        assert font("title").pixelSize() > small[1] + 8
    finally:
        qapp.setFont(before)
