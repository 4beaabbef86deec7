"""Whether an instruction is one that runs here, and in this scene."""

from __future__ import annotations

from core.sandbox.spl.errors import SplError
from core.sandbox.spl.scene import INSTRUCTIONS, NOT_RUN_HERE, Scene, refusal
from core.sandbox.spl.syntax import Place


def check_word(word: str, place: Place, scene: Scene) -> None:
    """Raise SplError for an instruction that is unknown, not allowed here or not run here."""
    line, column = place.line, place.column
    if word in INSTRUCTIONS or word in NOT_RUN_HERE:
        reason = refusal(word, scene)
        if reason:
            raise SplError(reason, line, column)
        if word in NOT_RUN_HERE:
            hint = "this emulator runs no data sets with names" if word == ".let" else ""
            raise SplError(f"outside the documented subset: {word}", line, column, hint)
        return
    lower = word.lower()
    hint = f"the instructions are {', '.join(sorted(INSTRUCTIONS))}"
    if lower in INSTRUCTIONS:
        hint = f"instructions are written in small letters: {lower}"
    raise SplError(f"{word} is not an SPL instruction", line, column, hint)
