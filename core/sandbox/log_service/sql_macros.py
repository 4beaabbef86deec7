"""What DuckDB must learn to answer as Presto would, as macros named ``sls_...``.

Each stands for a difference that would otherwise be silently wrong: text that is not JSON, a group
or a part that is not there, and times given as epoch seconds. (Presto: "Functions and operators".)
"""

from __future__ import annotations

from typing import Any

_URL = r"^([A-Za-z][A-Za-z0-9+.-]*):(?://(?:[^/?#@]*@)?([^/?#:]*)(?::([0-9]+))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?"
_PARTS = {"protocol": 1, "host": 2, "port": 3, "path": 4, "query": 5, "fragment": 6}

_MACROS = {
    "sls_long(v)": (
        r"CASE WHEN regexp_full_match(v, '[+-]?[0-9]{1,19}') THEN try_cast(v AS BIGINT) END"
    ),
    "sls_double(v)": (
        "CASE WHEN regexp_full_match(v, "
        "'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?') "
        "THEN try_cast(v AS DOUBLE) END"
    ),
    "sls_json(j, p)": "CASE WHEN json_valid(j::VARCHAR) THEN json_extract(j::VARCHAR, p) END",
    "sls_json_scalar(j, p)": (
        "CASE WHEN json_valid(j::VARCHAR) AND json_type(j::VARCHAR, p) NOT IN ('OBJECT', 'ARRAY') "
        "THEN json_extract_string(j::VARCHAR, p) END"
    ),
    "sls_json_size(j, p)": (
        "CASE WHEN json_valid(j::VARCHAR) THEN CASE json_type(j::VARCHAR, p) "
        "WHEN 'OBJECT' THEN len(json_keys(j::VARCHAR, p)) "
        "WHEN 'ARRAY' THEN json_array_length(j::VARCHAR, p) WHEN NULL THEN NULL ELSE 0 END END"
    ),
    "sls_json_array_length(j)": (
        "CASE WHEN json_valid(j::VARCHAR) AND json_type(j::VARCHAR) = 'ARRAY' "
        "THEN json_array_length(j::VARCHAR) END"
    ),
    "sls_json_array_contains(j, v)": (
        "CASE WHEN json_valid(j::VARCHAR) AND json_type(j::VARCHAR) = 'ARRAY' "
        "THEN list_contains(json_extract(j::VARCHAR, '$[*]'), to_json(v)) END"
    ),
    "sls_regexp_extract(x, p, g)": (
        "CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p, g) END"
    ),
    "sls_split_part(x, d, n)": (
        "CASE WHEN n <= len(string_split(x, d)) THEN split_part(x, d, n) END"
    ),
    "sls_time": (
        "(t BIGINT) AS make_timestamp(t * 1000000), "
        "(t DOUBLE) AS make_timestamp((t * 1000000)::BIGINT), "
        "(t DATE) AS t::TIMESTAMP, (t TIMESTAMP) AS t"
    ),
}


def define_macros(connection: Any) -> None:
    """Create every macro in the database of a DuckDB connection."""
    for name, body in _MACROS.items():
        overloaded = body.startswith("(t ")
        connection.execute(f"CREATE MACRO {name}{body if overloaded else f' AS {body}'}")
    for part, group in _PARTS.items():
        test = f"regexp_extract(u, '{_URL}', {group})"
        found = f"try_cast(nullif({test}, '') AS BIGINT)" if part == "port" else test
        connection.execute(
            f"CREATE MACRO sls_url_extract_{part}(u) AS "
            f"CASE WHEN regexp_matches(u, '{_URL}') THEN {found} END"
        )
