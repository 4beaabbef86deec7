"""What DuckDB must learn beside the macros of Log Service's SQL, as macros named ``spl_...``."""

from __future__ import annotations

from typing import Any

from core.sandbox.log_service.sql_macros import define_macros as define_sql_macros

_BY_ZERO = "error('Division by zero')"
_WHOLE = "typeof(v) = 'VARCHAR' AND NOT regexp_full_match(v::VARCHAR, '[+-]?[0-9]+')"
_MACROS = {
    # A cast of JSON text to varchar gives the string in it, without its quotes (Presto: "JSON").
    "spl_text(v)": (
        "CASE WHEN typeof(v) = 'JSON' THEN json_extract_string(v::VARCHAR, '$') ELSE v::VARCHAR END"
    ),
    # DuckDB would round '1.5' where Presto refuses it.
    "spl_whole(v)": (
        f"CASE WHEN {_WHOLE} "
        "THEN error('Cannot cast ''' || v::VARCHAR || ''' to a whole number') ELSE v END"
    ),
    "spl_try_whole(v)": f"CASE WHEN {_WHOLE} THEN NULL ELSE v END",
    "spl_div": (
        f"(a BIGINT, b BIGINT) AS CASE WHEN b = 0 THEN {_BY_ZERO} ELSE a // b END, "
        "(a DOUBLE, b DOUBLE) AS a / b"
    ),
    "spl_mod": (
        f"(a BIGINT, b BIGINT) AS CASE WHEN b = 0 THEN {_BY_ZERO} ELSE a % b END, "
        "(a DOUBLE, b DOUBLE) AS a % b"
    ),
    "spl_codepoint(v)": "unicode(v)",
    "spl_strrpos(v, p)": (
        "CASE WHEN strpos(v, p) = 0 THEN 0 "
        "ELSE length(v) - strpos(reverse(v), reverse(p)) - length(p) + 2 END"
    ),
    "spl_is_json_scalar(j)": (
        "json_valid(j::VARCHAR) AND json_type(j::VARCHAR) NOT IN ('OBJECT', 'ARRAY')"
    ),
    "spl_url_encode(v)": "replace(replace(url_encode(v), '%20', '+'), '~', '%7E')",
    "spl_url_decode(v)": "url_decode(replace(v, '+', ' '))",
    "spl_url_extract_parameter(u, p)": (
        "CASE WHEN regexp_matches(sls_url_extract_query(u), "
        "'(?:^|&)' || regexp_escape(p) || '(?:=|&|$)') "
        "THEN spl_url_decode(regexp_extract(sls_url_extract_query(u), "
        "'(?:^|&)' || regexp_escape(p) || '=([^&]*)', 1)) END"
    ),
    "spl_array_position(v, e)": (
        "CASE WHEN v IS NOT NULL AND e IS NOT NULL THEN coalesce(list_position(v, e), 0) END"
    ),
    "spl_arrays_overlap(a, b)": "list_has_any(a, b)",
    "spl_slice(v, s, n)": (
        "CASE WHEN s > 0 THEN list_slice(v, s, s + n - 1) "
        "ELSE list_slice(v, len(v) + s + 1, len(v) + s + n) END"
    ),
}


def define_macros(connection: Any) -> None:
    """Create every macro in the database of a DuckDB connection."""
    define_sql_macros(connection)
    for name, body in _MACROS.items():
        connection.execute(f"CREATE MACRO {name}{'' if body.startswith('(a ') else ' AS '}{body}")
