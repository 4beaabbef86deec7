"""The four parse instructions, read: options and arguments become an extraction."""

from __future__ import annotations

from typing import Any

from core.sandbox.spl import json_text
from core.sandbox.spl.csv_text import split_line
from core.sandbox.spl.options import Reader, unescaped
from core.sandbox.spl.parse_steps import Extraction, Parse
from core.sandbox.spl.patterns import compile_pattern
from core.sandbox.spl.syntax import Instruction, Name, Text

_MODES = ("overwrite", "preserve")
_LONGEST_DELIMITER = 3
_MOST_KV_ARGUMENTS = 3
_SPACES = " \t\n\r\f\v"


def parse_json(stage: Instruction) -> Parse:
    """``parse-json``: the first level of a JSON object. Raises SplError."""
    reader = Reader(stage, "mode path prefix")
    path = json_text.read_path(reader.text("path", "$"), reader.option_place("path"))

    def extract(value: str) -> list[tuple[str, str | None]] | None:
        raw = json_text.value_at(value, path)
        pairs = None if raw is None else json_text.members(raw)
        if pairs is None:
            return None
        return [(name, json_text.text_of(each)) for name, each in pairs]

    reader.no_outputs()
    return _parse(reader, reader.field(), extract)


def parse_kv(stage: Instruction) -> Parse:
    """``parse-kv``: pairs between delimiters. Raises SplError.

    The delimiters stand in options (``-delims`` is a set of characters, ``\\s`` any space) or after
    the field, as one string each ("Extract dynamic key-value pairs from strings").
    """
    reader = Reader(stage, "mode prefix delims kv-sep")
    reader.no_outputs()
    field, texts = _field_and_texts(reader)
    delimiters = unescaped(reader.text("delims").replace(r"\s", _SPACES))
    separator = reader.characters("kv-sep", "=")
    whole = False
    if texts:
        reader.no_arguments_after(_MOST_KV_ARGUMENTS)
        for name in ("delims", "kv-sep"):
            if reader.option_place(name) != reader.place:
                reader.fail(
                    f"-{name} and the same thing after the field", reader.option_place(name)
                )
        delimiters, whole = unescaped(texts[0].text), True
        if len(texts) > 1:
            separator = unescaped(texts[1].text)
    if not delimiters or not separator:
        reader.fail(
            "parse-kv needs to know what stands between the pairs",
            texts[0].place if texts else None,
            "write -delims='&' before the field, or parse-kv field, '&', '='",
        )

    def extract(value: str) -> list[tuple[str, str | None]] | None:
        if not whole:
            for each in delimiters[1:]:
                value = value.replace(each, delimiters[0])
        pieces = value.split(delimiters if whole else delimiters[0])
        split = (piece.partition(separator) for piece in pieces)
        return [(name.strip(), found) for name, sign, found in split if sign and name.strip()]

    return _parse(reader, field, extract)


def parse_csv(stage: Instruction) -> Parse:
    """``parse-csv``: values between delimiters, named after ``as``. Raises SplError."""
    reader = Reader(stage, "delim quote strict")
    delimiter = reader.characters("delim", ",")
    if not 1 <= len(delimiter) <= _LONGEST_DELIMITER:
        reader.fail("-delim takes one to three characters", reader.option_place("delim"))
    quote = reader.characters("quote")
    if len(quote) > 1:
        reader.fail("-quote takes one character", reader.option_place("quote"))
    if quote and (len(delimiter) > 1 or quote == delimiter):
        reader.fail(
            "-quote goes only with a -delim of one other character", reader.option_place("quote")
        )
    strict = reader.flag("strict")
    names = _names(reader)

    def extract(value: str) -> list[tuple[str, str | None]] | None:
        values = split_line(value, delimiter, quote)
        if strict and len(values) != len(names):
            return None
        return list(zip(names, values, strict=False))

    return _parse(reader, reader.field(), extract)


def parse_regexp(stage: Instruction) -> Parse:
    """``parse-regexp``: the groups of an RE2 expression. Raises SplError."""
    reader = Reader(stage, "")
    field, texts = _field_and_texts(reader)
    if len(texts) != 1:
        place = texts[1].place if texts else None
        reader.fail(
            "parse-regexp takes one expression", place, "write parse-regexp field, '(...)' as name"
        )
    found = compile_pattern(texts[0])
    names = reader.outputs()
    groups: list[tuple[str, int]] = []
    if names:
        if len(names) > found.groups:
            reader.fail(
                f"the expression has {found.groups} groups for {len(names)} names",
                stage.outputs[found.groups].place,
                "put brackets around what each name stands for",
            )
        groups = [(name, at + 1) for at, name in enumerate(names)]
    else:
        groups = sorted(found.groupindex.items(), key=lambda pair: int(pair[1]))
    if not groups:
        reader.fail(
            "parse-regexp needs names for what it makes",
            reader.place,
            "write as a, b after it, or groups such as (?P<ip>...)",
        )

    def extract(value: str) -> list[tuple[str, str | None]] | None:
        match: Any = found.search(value)
        return None if match is None else [(name, match.group(at)) for name, at in groups]

    return _parse(reader, field, extract)


def _parse(reader: Reader, field: Name, extraction: Extraction) -> Parse:
    word = reader.instruction.word
    mode, prefix = "overwrite", ""
    if word in ("parse-json", "parse-kv"):
        mode, prefix = reader.text("mode", "overwrite"), reader.text("prefix")
        if mode not in _MODES:
            reader.fail(
                f"{mode!r} is not a mode",
                reader.option_place("mode"),
                "the modes are 'overwrite' and 'preserve'",
            )
    return Parse(reader.place, field.text, extraction, prefix, mode == "preserve")


def _names(reader: Reader) -> tuple[str, ...]:
    names = reader.outputs()
    if not names:
        reader.fail(
            f"{reader.instruction.word} needs names for what it makes",
            reader.place,
            "write as a, b after the field",
        )
    return names


def _field_and_texts(reader: Reader) -> tuple[Name, list[Text]]:
    """The first argument, a field, and the strings after it."""
    arguments = reader.instruction.arguments
    if not arguments or not isinstance(arguments[0].value, Name):
        place = arguments[0].value.place if arguments else None
        reader.fail(f"{reader.instruction.word} needs a field first", place)
    texts = []
    for argument in arguments:
        if argument.output is not None:
            reader.fail(f"{reader.instruction.word} does not rename", argument.output.place)
    for argument in arguments[1:]:
        if not isinstance(argument.value, Text):
            reader.fail(f"{reader.instruction.word} reads one field", argument.value.place)
        texts.append(argument.value)
    first = arguments[0].value
    assert isinstance(first, Name)  # noqa: S101  (checked above)
    return first, texts
