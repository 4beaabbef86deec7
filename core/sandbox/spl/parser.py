"""A script as instructions; what is wrong with its shape as an SplError at its place."""

from __future__ import annotations

from typing import Any

from core.sandbox.spl.errors import SplError
from core.sandbox.spl.grammar import parser
from core.sandbox.spl.scene import LIMITS, Scene
from core.sandbox.spl.syntax import (
    Argument,
    Instruction,
    Name,
    Option,
    Place,
    SqlInstruction,
    Stage,
    Text,
)
from core.sandbox.spl.syntax_errors import explain
from core.sandbox.spl.words import check_word


def read(text: str, scene: Scene) -> tuple[Stage, ...]:
    """The instructions of a script, all of them known and allowed in ``scene``.

    Raises SplError.
    """
    from lark.exceptions import UnexpectedInput

    limits = LIMITS[scene]
    excess = limits.excess(text)
    if excess:
        raise SplError(f"{excess} in a {scene.value}")
    try:
        tree = parser().parse(text)
    except UnexpectedInput as error:
        raise explain(error, text, scene) from None
    stages = tuple(_stage(each) for each in tree.children[1:] if hasattr(each, "data"))
    for stage in stages:
        check_word(stage.word, stage.place, scene)
    if len(stages) > limits.levels:
        place = stages[limits.levels].place
        raise SplError(
            f"the pipeline has {len(stages)} levels, {limits.levels} at most in a {scene.value}",
            place.line,
            place.column,
            "join neighbouring where instructions with AND, and extend instructions with commas",
        )
    return stages


def _stage(tree: Any) -> Stage:
    word = tree.children[0]
    place = _place(word)
    if tree.data == "bare":
        raise SplError(
            f"{word} has no expression",
            place.line,
            place.column,
            "write a condition after it" if word == "where" else "write field=expression after it",
        )
    if tree.data == "sql":
        sql = tree.children[1]
        return SqlInstruction(str(word), place, str(sql), sql.start_pos)
    options: list[Option] = []
    arguments: tuple[Argument, ...] = ()
    outputs: tuple[Name, ...] = ()
    for part in tree.children[1:]:
        if part is None:
            continue
        if part.data == "option":
            options.append(_option(part))
        elif part.data == "arguments":
            arguments = tuple(_argument(each) for each in part.children)
        else:
            outputs = tuple(_name(each) for each in part.children)
    return Instruction(str(word), place, tuple(options), arguments, outputs)


def _option(tree: Any) -> Option:
    token, *values = tree.children
    name = str(token).removeprefix("-").removesuffix("=")
    if not values:
        return Option(name, None, _place(token))
    value = values[0].children[0]
    if value.start_pos != token.end_pos:
        raise SplError(
            f"a space stands between -{name}= and its value",
            value.line,
            value.column,
            f"write -{name}={value}",
        )
    read = _text(value) if value.type == "STRING" else Name(str(value), _place(value))
    return Option(name, read, _place(token))


def _argument(tree: Any) -> Argument:
    first, *second = tree.children
    if not hasattr(first, "data"):
        return Argument(_text(first))
    if second and second[0] is not None:
        return Argument(_name(second[0]), _name(first))
    return Argument(_name(first))


def _name(tree: Any) -> Name:
    token = tree.children[0]
    place = _place(token)
    if token.type == "NAME":
        return Name(str(token), place)
    text = str(token)[1:-1].replace('""', '"')
    if not text:
        raise SplError("a field has an empty name", place.line, place.column)
    return Name(text, place, quoted=True)


def _text(token: Any) -> Text:
    return Text(str(token)[1:-1].replace("''", "'"), _place(token))


def _place(token: Any) -> Place:
    return Place(token.line, token.column)
