"""The parser of forms: what the SDK flattens comes back; nothing but ApiError is raised."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

import pytest
from alibabacloud_tea_openapi.utils import Utils
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.security_center.wire import ApiError, Call, form_pairs, nested

_names = st.text("ABCxyz", min_size=1, max_size=6)
_texts = st.text(max_size=12).filter(lambda text: "\ud800" not in text)
_items = st.one_of(_texts, st.dictionaries(_names, _texts, min_size=1, max_size=3))
_values = st.one_of(
    _texts, st.lists(_items, min_size=1, max_size=12), st.dictionaries(_names, _texts, min_size=1)
)


@given(st.dictionaries(_names, _values, max_size=5))
def test_what_the_sdk_flattens_comes_back(parameters):
    form = Utils.to_form(parameters)
    assert nested(form_pairs(form.encode())) == parameters


@given(st.binary(max_size=200))
def test_any_body_is_a_form_or_refused(body):
    with contextlib.suppress(ApiError):
        nested(form_pairs(body))


@given(st.lists(st.tuples(st.text(".1a", max_size=8), st.text(max_size=2)), max_size=8))
def test_any_names_are_read_or_refused(pairs):
    with contextlib.suppress(ApiError):
        call = Call("v", "a", nested(pairs))
        for name in call.parameters:
            with contextlib.suppress(ApiError):
                call.text(name)
            with contextlib.suppress(ApiError):
                call.objects(name)
            with contextlib.suppress(ApiError):
                assert all(isinstance(item, str) for item in call.strings(name))


@pytest.mark.parametrize("names", ["A=1&A.1=2", "A.1=2&A=1", "A..B=1", ".=1", "A.1.B=1&A.1=2"])
def test_names_that_contradict_each_other_are_refused(names):
    with pytest.raises(ApiError, match="InvalidParameter"):
        nested(form_pairs(names.encode()))


@pytest.mark.parametrize("text", ["x,y", '["x","y"]', None])
def test_a_list_comes_in_three_forms(text):
    pairs = [("Ids", text)] if text else [("Ids.2", "y"), ("Ids.1", "x")]
    assert Call("v", "a", nested(pairs)).strings("Ids") == ["x", "y"]


def test_a_list_of_objects_comes_in_two_forms():
    as_json = Call("v", "a", {"Stores": '[{"A": "1"}]'})
    flattened = Call("v", "a", nested(form_pairs(f"Stores.1.A={quote('1')}".encode())))
    assert as_json.objects("Stores") == flattened.objects("Stores") == [{"A": "1"}]


@pytest.mark.parametrize("text", ["[", '{"A": 1}', "[1]", "x"])
def test_other_texts_are_no_list_of_objects(text):
    with pytest.raises(ApiError, match="InvalidStores"):
        Call("v", "a", {"Stores": text}).objects("Stores")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("", True)])
def test_flags(text, value):
    assert Call("v", "a", {"Flag": text}).flag("Flag", True) is value


@pytest.mark.parametrize("text", ["1.5", "x", "-1", "11", "٣"])
def test_numbers_out_of_range_are_refused(text):
    with pytest.raises(ApiError, match="InvalidCount"):
        Call("v", "a", {"Count": text}).number("Count", 1, 1, 10)
