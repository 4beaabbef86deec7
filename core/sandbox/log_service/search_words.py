"""One keyword as conditions on a text, in the dialect of DuckDB.

A text is cut at delimiters; a keyword is cut the same way, and each of its words must be among the
text's. So a search is exact in words and says nothing about their order. (Alibaba Cloud: SLS
"Search syntax and functions": searches work by words.) RE2 does the work, in linear time.
"""

from __future__ import annotations

import re

from core.sandbox.log_service.index_config import Words
from core.sandbox.log_service.search_text import Wild, refusal

Letters = tuple[str | Wild, ...]
_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_CHINESE_RANGE = r"\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}"
_MOST_WORDS = 100


def literal(text: str) -> str:
    """``text`` as a string of SQL; it holds no NUL character."""
    return "'" + text.replace("'", "''") + "'"


def has_words(value: str, letters: Letters, words: Words) -> str:
    """The condition that the text ``value``, an expression, holds every word of a keyword.

    Raises ServiceError ParameterInvalid for a keyword without a word or with a leading wildcard.
    """
    found = _split(letters, words)
    if not found:
        raise refusal("a keyword consists of delimiters only; it can match no word")
    if len(found) > _MOST_WORDS:
        raise refusal(f"a keyword has more than {_MOST_WORDS} words")
    flag = "" if words.case_sensitive else "(?i)"
    tests = [f"regexp_matches({value}, {literal(flag + _pattern(word, words))})" for word in found]
    return " AND ".join(tests)


def _split(letters: Letters, words: Words) -> list[Letters]:
    found: list[Letters] = []
    word: list[str | Wild] = []
    for letter in (*letters, None):
        alone = words.chinese and isinstance(letter, str) and _CHINESE.match(letter)
        if letter is None or letter in words.delimiters or alone:
            if word:
                found.append(tuple(word))
            word = []
            if alone:
                found.append((letter,))  # type: ignore[arg-type]
        else:
            word.append(letter)
    if any(isinstance(each[0], Wild) for each in found):
        raise refusal("a word cannot begin with a wildcard")
    return found


def _pattern(word: Letters, words: Words) -> str:
    """The regular expression that finds ``word`` as a word of its own."""
    if words.chinese and len(word) == 1 and isinstance(word[0], str) and _CHINESE.match(word[0]):
        return _escape(word[0])
    cut = "".join(_escape(delimiter) for delimiter in sorted(words.delimiters))
    if words.chinese:
        cut += _CHINESE_RANGE
    inside = f"[^{cut}]" if cut else "(?s:.)"
    parts = [
        f"{inside}*" if each is Wild.MANY else inside if each is Wild.ONE else _escape(str(each))
        for each in word
    ]
    edge = f"|[{cut}]" if cut else ""
    return f"(?:^{edge}){''.join(parts)}(?:${edge})"


def _escape(letter: str) -> str:
    return letter if letter.isascii() and letter.isalnum() else f"\\x{{{ord(letter):X}}}"
