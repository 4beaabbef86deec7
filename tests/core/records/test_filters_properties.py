"""Whatever is typed and whatever a record holds: no crash, no surprise."""

from __future__ import annotations

import json
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.records.filters import Filter, FilterError, parse

LETTERS = "abÄß\u017f\u212aİé 1.-_@:/\\*\"'()<>=!|~\n\x00"
WORDS = st.text(LETTERS, max_size=6)
NAMES = st.sampled_from(["a", "B", "properties", "a.b", "x y", "and", "Level"])
NUMBERS = st.sampled_from(["0", "5", "-3", "2.5", "1e3", "10", "007"])
VALUES = st.one_of(WORDS, NUMBERS, st.text(max_size=5), st.just("abc\nkey"))
FIELDS = st.dictionaries(NAMES, VALUES, max_size=5)

PIECES = st.sampled_from(
    [
        *("and", "or", "not", "-", "(", ")", '"', "a:", "a.b:", "a>", "..", "*", "/", "x", "5"),
        *(
            "\\",
            "i",
            "[",
            "(?i)",
            "=",
            "!=",
            ":",
            "::",
            "\x00",
            "é",
            "\ud800",
            "\u2028",
            "{9}",
            " ",
        ),
    ]
)
QUERIES = st.one_of(
    st.text(max_size=40),
    st.lists(PIECES, max_size=25).map("".join),
    st.lists(PIECES, max_size=25).map(" ".join),
)


def read(query: str) -> Filter | FilterError:
    try:
        return parse(query)
    except FilterError as error:
        return error


@given(query=QUERIES, fields=st.dictionaries(st.text(max_size=4), st.text(max_size=12)))
@settings(max_examples=300, deadline=None)
@example(query='"' * 3000, fields={})
@example(query="a." * 1500, fields={})
@example(query="(a " * 60, fields={})
@example(query="\\" * 3000 + '"', fields={})
@example(query="/" + "\\" * 4000, fields={})
@example(query="a" + " " * 4000, fields={"\ud800": "\udfff"})
def test_any_text_is_a_filter_or_a_filter_error(query, fields):
    found = read(query)
    if isinstance(found, FilterError):
        assert 0 <= found.position <= len(query)
        assert found.message
        assert found.show().count("\n") >= 2
        return
    assert parse(found.text) == found
    assert parse(found.text).text == found.text
    assert found.matches(fields) is parse(found.text).matches(fields)


DEEP = "[" * 100_000
ANY_VALUE = st.one_of(
    st.text(max_size=30),
    st.sampled_from([DEEP, '{"a":' * 2000 + "1" + "}" * 2000, '{"a":' + "9" * 5000 + "}"]),
    st.sampled_from(["9" * 6000, "1e999999999", "-", "{", '{"a":"\\ud800"}', "\ud800", "\n\n"]),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("aAb0"), inner),
        max_leaves=8,
    ).map(json.dumps),
)
ASKING = [
    parse(query)
    for query in (
        "x",
        "é",
        "x*y",
        '"\n"',
        "/x/i",
        "/^$/",
        "/\\Ax\\z/",
        "a:x",
        "a:x*y*",
        "a:*",
        "a>5",
        "a=1",
        "a:1..5",
        "a:/./",
        "a.a:*",
        "a.a.b:x",
        "a.b>1",
        "a.0:*",
        "a.a:/x/",
        "a.a.a.a:1..",
    )
]


@given(fields=st.dictionaries(st.sampled_from(["a", "A", "b", "a.b", "\ud800"]), ANY_VALUE))
@settings(max_examples=100, deadline=None)
def test_matches_never_raises(fields):
    for each in ASKING:
        assert each.matches(fields) in (True, False)


# A filter and, beside it, a judge that does not know how filters work.


def folded(text: str) -> str:
    return text.casefold()


def lookup(fields: dict[str, str], name: str) -> str | None:
    if name in fields:
        return fields[name]
    return next((v for k, v in fields.items() if folded(k) == folded(name)), None)


def quote(text: str) -> str:
    return json.dumps(text.replace("\n", " "), ensure_ascii=False).replace("\\u0000", "\x00")


def as_number(text: str | None) -> float | None:
    if text is not None and re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text, re.ASCII):
        return float(text)
    return None


@st.composite
def terms(draw):
    kind = draw(st.sampled_from(["text", "is", "like", "exists", "compare", "range", "regex"]))
    name = draw(NAMES.filter(lambda each: "." not in each))
    written = quote(name) if " " in name else draw(st.sampled_from([name, name.upper()]))
    word = draw(WORDS).replace("\n", " ")
    if kind == "text":
        return quote(word), lambda f: any(folded(word) in folded(v) for v in f.values())
    if kind == "is":
        return (
            f"{written}:{quote(word)}",
            lambda f: (v := lookup(f, name)) is not None and folded(v) == folded(word),
        )
    if kind == "like":
        other = draw(WORDS).replace("\n", " ")
        pattern = re.compile(re.escape(folded(word)) + ".*" + re.escape(folded(other)), re.DOTALL)
        return (
            f"{written}:{quote(word)}*{quote(other)}",
            lambda f: (v := lookup(f, name)) is not None and bool(pattern.fullmatch(folded(v))),
        )
    if kind == "exists":
        return f"{written}:*", lambda f: lookup(f, name) is not None
    if kind == "regex":
        source = draw(
            st.sampled_from(["^a", "b$", "a.b", "[0-9]+", "^$", "(a|b)c?", "\\n", "\\bb"])
        )
        flags = re.ASCII | draw(st.sampled_from([re.IGNORECASE, re.NOFLAG]))
        sign = f"/{source}/" + ("i" if flags & re.IGNORECASE else "")
        # "$" of RE2 is the very end, which is "\\Z" of Python.
        judge = re.compile(source.replace("$", r"\Z"), flags)
        if draw(st.booleans()):
            return sign, lambda f: any(judge.search(v) for v in f.values())
        return (
            f"{written}:{sign}",
            lambda f: (v := lookup(f, name)) is not None and judge.search(v) is not None,
        )
    low, high = sorted(draw(st.tuples(NUMBERS, NUMBERS)), key=float)
    if kind == "range":
        return (
            f"{written}:{low}..{high}",
            lambda f: (
                (n := as_number(lookup(f, name))) is not None and float(low) <= n <= float(high)
            ),
        )
    operator, judge_number = draw(
        st.sampled_from(
            [
                (">", lambda n, b: n > b),
                (">=", lambda n, b: n >= b),
                ("<", lambda n, b: n < b),
                ("<=", lambda n, b: n <= b),
                ("=", lambda n, b: n == b),
            ]
        )
    )
    return (
        f"{written}{operator}{low}",
        lambda f: (n := as_number(lookup(f, name))) is not None and judge_number(n, float(low)),
    )


def joined(children):
    def both(pair):
        (left, judge_left), (right, judge_right) = pair
        return st.sampled_from(
            [
                (f"({left}) and ({right})", lambda f: judge_left(f) and judge_right(f)),
                (f"({left}) ({right})", lambda f: judge_left(f) and judge_right(f)),
                (f"({left}) OR ({right})", lambda f: judge_left(f) or judge_right(f)),
                (f"not ({left})", lambda f: not judge_left(f)),
                (f"-({right})", lambda f: not judge_right(f)),
            ]
        )

    return st.tuples(children, children).flatmap(both)


@given(pair=st.recursive(terms(), joined, max_leaves=6), rows=st.lists(FIELDS, min_size=1))
@settings(max_examples=150, deadline=None)
def test_a_filter_and_a_naive_judge_agree(pair, rows):
    query, judge = pair
    found = parse(query)
    for fields in rows:
        assert found.matches(fields) == bool(judge(fields)), (query, found.node, fields)


@given(
    words=st.lists(st.sampled_from(["a", "b", "c", "(d or e)", "-f"]), min_size=1, max_size=6),
    signs=st.lists(st.sampled_from([" ", " and ", " or "]), min_size=5, max_size=5),
    held=st.sets(st.sampled_from("abcdef")),
)
@settings(max_examples=100, deadline=None)
def test_and_binds_before_or(words, signs, held):
    rest = list(zip(signs, words[1:], strict=False))
    query = words[0] + "".join(sign + word for sign, word in rest)
    python = " ".join(words[:1] + [f"{sign.strip() or 'and'} {word}" for sign, word in rest])
    python = python.replace("-f", "(not f)")
    expected = eval(python, {letter: letter in held for letter in "abcdef"})
    fields = {str(place): letter for place, letter in enumerate(sorted(held))} or {"0": "-"}
    assert parse(query).matches(fields) == expected
