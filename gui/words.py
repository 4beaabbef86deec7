"""Every text of the window goes through :func:`tr`, so that it can be translated in one place.

The English text is the key. Values are filled in after translation, so a translator may move them.
"""

from __future__ import annotations

_CATALOGUE: dict[str, str] = {}


def tr(text: str, /, **values: object) -> str:
    """``text`` in the user's language, with ``{name}`` places filled from ``values``."""
    translated = _CATALOGUE.get(text, text)
    return translated.format(**values) if values else translated


def trn(one: str, many: str, count: int, /, **values: object) -> str:
    """``one`` or ``many`` by ``count``; ``{n}`` is the count in the user's figures."""
    from gui.figures import number

    return tr(one if count == 1 else many, n=number(count), **values)
