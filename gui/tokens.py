"""The table of colours (``resources/styles/tokens.toml``), and how contrast is computed."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources


class Scheme(StrEnum):
    """The three columns of the table."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high_contrast"


STATUSES = ("ok", "warn", "fail", "quiet", "behind", "waiting")
"""Colours of states; each has a soft ground of its own, ``<name>-soft``."""


@functools.cache
def tokens(scheme: Scheme) -> Mapping[str, str]:
    """Name -> ``#RRGGBB`` of one column."""
    text = resources.files("resources").joinpath("styles", "tokens.toml").read_text("utf-8")
    column: Mapping[str, str] = tomllib.loads(text)[scheme]
    return column


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two ``#RRGGBB`` colours, 1 to 21 ("WCAG 2.2": contrast ratio)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
