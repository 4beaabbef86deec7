"""Every problem has words of its own."""

from __future__ import annotations

import re
from string import Template

import pytest

from core.errors import Code, catalogue, problem


def test_the_catalogue_has_each_code_and_nothing_else():
    assert set(catalogue()) == {str(code) for code in Code}


@pytest.mark.parametrize("text", ["cause", "remedy"])
def test_no_two_codes_share_a_text(text):
    texts = [entry[text] for entry in catalogue().values()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("code", list(Code))
def test_texts_are_sentences_and_fill_in(code):
    entry = catalogue()[code]
    names = {
        name
        for text in (entry["cause"], entry["remedy"])
        for name in Template(text).get_identifiers()
    } - {"where"}
    found = problem(code, "here", **dict.fromkeys(names, "VALUE"))
    for text in (found.cause, found.remedy):
        assert text[0].isupper() or text.startswith("VALUE")
        assert "$" not in text
        assert len(text) < 220
    assert re.fullmatch(r"error|warning", found.severity)
