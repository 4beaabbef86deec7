"""One line of delimited values."""

from __future__ import annotations


def split_line(line: str, delimiter: str, quote: str = "") -> list[str]:
    """The values of ``line``; with ``quote`` a value in quotes may hold the delimiter.

    A quote counts at the beginning of a value only; inside one it is written twice. A value whose
    quote is never closed goes to the end.
    """
    if not quote:
        return line.split(delimiter)
    values: list[str] = []
    at = 0
    while True:
        if line.startswith(quote, at):
            value, at = _quoted(line, at + 1, quote)
            end = line.find(delimiter, at)
            value += line[at:] if end < 0 else line[at:end]
        else:
            end = line.find(delimiter, at)
            value = line[at:] if end < 0 else line[at:end]
        values.append(value)
        if end < 0:
            return values
        at = end + len(delimiter)


def _quoted(line: str, at: int, quote: str) -> tuple[str, int]:
    """What stands up to the closing quote, and where the rest begins."""
    parts: list[str] = []
    while True:
        end = line.find(quote, at)
        if end < 0:
            return "".join(parts) + line[at:], len(line)
        parts.append(line[at:end])
        if not line.startswith(quote, end + 1):
            return "".join(parts), end + 1
        parts.append(quote)
        at = end + 2
