"""The grammar of a pipeline, read by lark's LALR parser with a contextual lexer.

SQL after ``where`` and ``extend`` is one token: everything up to a ``|`` or ``;`` that stands
neither in quotes nor in a comment. Strings take no escapes, a quote in them is doubled ("SPL
syntax"; "Processing specific text formats" writes ``replace(content, '''', chr(34))``).
Instructions are in small letters and no space stands in ``-option=value`` (assumption SLS-58).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark

_QUOTED = r"""'([^']|'')*'|"([^"]|"")*\""""
_COMMENT = r"--[^\n]*|\/\*([^*]|\*(?!\/))*\*\/"
_GRAMMAR = r"""
start: STAR ("|" stage)* [END]

?stage: SQL_WORD SQL                             -> sql
      | WORD option* arguments? ("as"i names)?   -> instruction
      | SQL_WORD                                 -> bare

option: OPTION value | FLAG
arguments: argument ("," argument)*
argument: name ["=" name] | STRING
names: name ("," name)*
value: STRING | NAME
name: NAME | QUOTED

STAR: "*"
END: ";"
SQL_WORD.3: /(where|extend)(?![\w-])/
WORD.2: /\.?[A-Za-z][\w-]*/
OPTION.2: /-[A-Za-z]+(-[A-Za-z]+)*=/
FLAG.1: /-[A-Za-z]+(-[A-Za-z]+)*/
STRING: /'([^']|'')*'/
QUOTED: /"([^"]|"")*"/
NAME: /[A-Za-z0-9_]+/
SQL: /(?=[^\s|;])(@QUOTED@|@COMMENT@|\|\||[^|;'"\/-]+|-(?!-)|\/(?!\*))+/
COMMENT: /@COMMENT@/
SPACE: /\s+/

%ignore COMMENT
%ignore SPACE
"""


@cache
def parser() -> Lark:
    """The parser, built once; it may be used by several threads."""
    from lark import Lark

    grammar = _GRAMMAR.replace("@QUOTED@", _QUOTED).replace("@COMMENT@", _COMMENT)
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=False)
