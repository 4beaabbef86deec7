"""Seeded traffic: realistic Azure records that can be made again from their number alone."""

from core.sandbox.traffic.generator import Generator, Message, Span
from core.sandbox.traffic.ledger import Ledger, LedgerError
from core.sandbox.traffic.story import Episode, story

__all__ = [
    "Episode",
    "Generator",
    "Ledger",
    "LedgerError",
    "Message",
    "Span",
    "story",
]
