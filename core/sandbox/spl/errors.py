"""What a script can be refused for, and what can go wrong while it runs."""

from __future__ import annotations


class SplError(Exception):
    """A script that is not accepted, with the place of the cause.

    Attributes:
        message: the cause, one sentence without a full stop.
        line: from 1.
        column: from 1, in characters.
        hint: what would fit instead; empty when there is nothing to say.
    """

    def __init__(self, message: str, line: int = 1, column: int = 1, hint: str = "") -> None:
        self.message, self.line, self.column, self.hint = message, line, column, hint
        super().__init__(message)

    def __str__(self) -> str:
        text = f"line {self.line}, column {self.column}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text


class SplRunError(Exception):
    """A script that failed on some row; nothing of the batch came out (assumption SLS-56).

    Attributes:
        message: the cause.
        line: of the instruction that failed, from 1.
        column: of the instruction, from 1.
        row: index of the input row it failed on, None when it is not one row's fault.
    """

    def __init__(self, message: str, line: int, column: int, row: int | None = None) -> None:
        self.message, self.line, self.column, self.row = message, line, column, row
        super().__init__(message)

    def __str__(self) -> str:
        where = "" if self.row is None else f", row {self.row}"
        return f"line {self.line}, column {self.column}{where}: {self.message}"
