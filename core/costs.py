"""What things cost a month: lines of an estimate, dated price tables that a user can replace."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import Code, ProblemError, problem_error

PriceTable = TypeVar("PriceTable", bound=BaseModel)


class PricePart(BaseModel):
    """A part of a price table: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class CostLine:
    """One line of an estimate.

    Attributes:
        what: what is paid for.
        low: a month's cost; None: not known, and ``note`` says where to look.
        high: the same at worst.
        currency: such as USD.
        cost_class: ``running`` is paid while the thing exists, ``usage`` by what goes through it.
        note: how it is reckoned.
        as_of: date of the prices.
        source: where the price was found.
    """

    what: str
    low: float | None
    high: float | None
    currency: str
    cost_class: Literal["running", "usage"]
    note: str
    as_of: str
    source: str = ""

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.what}: {self.note}"
        amount = f"{self.low:,.2f}"
        if f"{self.high:,.2f}" != amount:
            amount += f" to {self.high:,.2f}"
        note = f"{self.note}; " if self.note else ""
        return f"{self.what}: {amount} {self.currency} a month ({note}prices of {self.as_of})"


@dataclass(frozen=True)
class Sum:
    """What the known lines of one currency come to, a month."""

    currency: str
    low: float
    high: float


def sums(lines: Iterable[CostLine]) -> tuple[Sum, ...]:
    """A sum for each currency, of the lines whose price is known."""
    found: dict[str, Sum] = {}
    for line in lines:
        if line.low is not None and line.high is not None:
            so_far = found.get(line.currency, Sum(line.currency, 0.0, 0.0))
            found[line.currency] = Sum(
                line.currency, so_far.low + line.low, so_far.high + line.high
            )
    return tuple(found.values())


def read_price_table(folder: Path, name: str, table: type[PriceTable]) -> PriceTable:
    """The table ``prices/<name>`` of the config folder ``folder``, else the one of this version.

    Raises ProblemError (prices_unreadable).
    """
    own = folder / "prices" / name
    try:
        text = own.read_text("utf-8")
    except FileNotFoundError:
        text = resources.files("resources").joinpath("prices", name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(own, getattr(error, "strerror", None) or "it is no text") from None
    try:
        return table.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise _unreadable(own, "it is not TOML") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _unreadable(own, f"{field}: {first['msg'].lower()}") from None


def _unreadable(path: Path, reason: str) -> ProblemError:
    return problem_error(Code.PRICES_UNREADABLE, "prices", path=path, reason=reason)
