"""What is said about each step: its title, its lead, help, and the documented step behind it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Any

from core.onboarding.steps import STEPS, StepId


@dataclass(frozen=True)
class Guide:
    """The texts of one step.

    Attributes:
        title: of the page and of its row in the rail.
        lead: one sentence below the title.
        heading: of the help.
        about: paragraphs of help.
        number: of the documented step, such as ``A2``; empty: the procedure has none.
        procedure: what the documented procedure does there, retold.
        words: what is meant by the words of the page.
    """

    title: str
    lead: str
    heading: str
    about: tuple[str, ...]
    number: str
    procedure: str
    words: Mapping[str, str]


@functools.cache
def guide(step: StepId, language: str = "en") -> Guide:
    """The texts of ``step``."""
    texts = _texts(language)
    found, products = texts[step], texts["products"]

    def filled(text: str) -> str:
        return Template(text).substitute(products)

    return Guide(
        title=filled(found["title"]),
        lead=filled(found["lead"]),
        heading=filled(found["heading"]),
        about=tuple(filled(each) for each in found["about"]),
        number=STEPS[step].number,
        procedure=filled(found["procedure"]),
        words={word: filled(meaning) for word, meaning in found["words"].items()},
    )


def product(name: str, language: str = "en") -> str:
    """The name that a product has now. Raises KeyError."""
    found: str = _texts(language)["products"][name]
    return found


@functools.cache
def _texts(language: str) -> dict[str, Any]:
    text = resources.files("resources").joinpath("guide", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
