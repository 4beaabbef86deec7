"""What went wrong with a call to Log Service, inside this package."""

from __future__ import annotations

NOT_OURS = "the answer is not Log Service's"
MISSHAPEN = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What reading an answer of another form ends with; the SDK does not look at it before."""


class LogServiceError(Exception):
    """Log Service did not do what it was asked for.

    Attributes:
        code: its errorCode; ``NoAnswer`` without an answer, ``BadResponse`` for one that is not
            Log Service's.
        status: HTTP status, 0 without an answer.
        message: its text, redacted.
        request_id: its request id, may be empty.
    """

    def __init__(self, code: str, status: int, message: str, request_id: str = "") -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.code = code
        self.status = status
        self.message = message
        self.request_id = request_id

    def is_one_of(self, *beginnings: str) -> bool:
        """Whether the code begins with one of ``beginnings``; spellings differ between pages."""
        return self.code.lower().startswith(tuple(each.lower() for each in beginnings))
