"""Reading the options and arguments of an instruction, with errors that say what would fit."""

from __future__ import annotations

import re
from typing import NoReturn

from core.sandbox.spl.batch import is_time
from core.sandbox.spl.errors import SplError
from core.sandbox.spl.syntax import Instruction, Name, Option, Place, Text

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)", re.DOTALL)
_NAMED_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\", "'": "'", '"': '"'}


class Reader:
    """One instruction's parts. Every method raises SplError."""

    def __init__(self, instruction: Instruction, options: str) -> None:
        """``options`` are the names that the instruction knows, separated by spaces."""
        self.instruction = instruction
        self.place = instruction.place
        self._options: dict[str, Option] = {}
        known = options.split()
        for option in instruction.options:
            if option.name not in known:
                fit = ", ".join(f"-{name}" for name in known)
                self.fail(
                    f"{instruction.word} has no option -{option.name}",
                    option.place,
                    f"its options are {fit}" if fit else "it takes no options",
                )
            if option.name in self._options:
                self.fail(f"-{option.name} stands twice", option.place)
            self._options[option.name] = option

    def flag(self, name: str) -> bool:
        """Whether an option without a value is set."""
        option = self._options.get(name)
        if option is not None and option.value is not None:
            self.fail(f"-{name} takes no value", option.place, f"write -{name}")
        return option is not None

    def text(self, name: str, default: str = "") -> str:
        """The value of an option that takes a string in single quotes."""
        option = self._options.get(name)
        return default if option is None else self._string(option).text

    def characters(self, name: str, default: str = "") -> str:
        """A string whose escapes (``\\t``, ``\\11``, ``\\x09``) are read."""
        option = self._options.get(name)
        return default if option is None else unescaped(self._string(option).text)

    def number(self, name: str) -> int | None:
        """The value of an option that takes a whole number from 1."""
        option = self._options.get(name)
        if option is None:
            return None
        value = option.value
        digits = value.text if isinstance(value, Name) else ""
        if not re.fullmatch(r"[0-9]{1,9}", digits) or int(digits) < 1:
            self.fail(f"-{name} takes a whole number from 1", option.place, f"write -{name}=10")
        return int(digits)

    def option_place(self, name: str) -> Place:
        """Where an option stands; the instruction's own place if it is not set."""
        option = self._options.get(name)
        return self.place if option is None else option.place

    def field(self) -> Name:
        """The one field that the instruction reads."""
        fields = self.fields()
        if len(fields) != 1:
            place = fields[1].place if fields else self.place
            self.fail(f"{self.instruction.word} reads one field", place)
        return fields[0]

    def fields(self) -> list[Name]:
        """The arguments, all of which must be fields."""
        found = []
        for argument in self.instruction.arguments:
            if not isinstance(argument.value, Name):
                self.fail(
                    "a string stands where a field is expected",
                    argument.value.place,
                    "a field with odd characters is written in double quotes",
                )
            if argument.output is not None:
                self.fail(
                    f"{self.instruction.word} does not rename",
                    argument.output.place,
                    "use project-rename",
                )
            found.append(argument.value)
        return found

    def outputs(self) -> tuple[str, ...]:
        """The names after ``as``: not one twice, and no time field."""
        names = [each.text for each in self.instruction.outputs]
        for at, each in enumerate(self.instruction.outputs):
            if each.text in names[:at]:
                self.fail(f"{each.text} stands twice after as", each.place)
            self.refuse_time(each)
        return tuple(names)

    def output(self, default: str | None = None) -> str:
        """The one name after ``as``."""
        names = self.outputs()
        if len(names) > 1:
            self.fail(f"{self.instruction.word} makes one field", self.instruction.outputs[1].place)
        if not names and default is None:
            self.fail(
                f"{self.instruction.word} needs a name for what it makes",
                self.place,
                "write as field",
            )
        return names[0] if names else str(default)

    def no_outputs(self) -> None:
        """Refuse names after ``as``."""
        if self.instruction.outputs:
            place = self.instruction.outputs[0].place
            self.fail(f"{self.instruction.word} takes no names after as", place)

    def no_arguments_after(self, count: int) -> None:
        """Refuse more than ``count`` arguments."""
        if len(self.instruction.arguments) > count:
            place = self.instruction.arguments[count].value.place
            self.fail(f"{self.instruction.word} takes no more than {count} arguments", place)

    def refuse_time(self, name: Name) -> None:
        """Refuse a time field as something to set."""
        if is_time(name.text):
            self.fail(f"{name.text} is set with extend only", name.place, "use extend")

    def fail(self, message: str, place: Place | None = None, hint: str = "") -> NoReturn:
        """Raise SplError."""
        place = place or self.place
        raise SplError(message, place.line, place.column, hint)

    def _string(self, option: Option) -> Text:
        if not isinstance(option.value, Text):
            self.fail(
                f"-{option.name} takes a string in single quotes",
                option.place,
                f"write -{option.name}='...'",
            )
        return option.value


def unescaped(text: str) -> str:
    """A Char parameter's value ("SPL instructions and functions", Parameter types)."""

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "x" and len(code) == 3:
            return chr(int(code[1:], 16))
        if code[0] in "01234567":
            return chr(int(code, 8) & 0x7F)
        return _NAMED_ESCAPES.get(code, found[0])

    return _ESCAPE.sub(one, text)
