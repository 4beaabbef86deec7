"""A secret pasted into any text of a draft is refused, and stands in no saved draft."""

from __future__ import annotations

import base64
import dataclasses
import random
import string
import urllib.parse
from dataclasses import replace
from typing import Any

import pytest
from helpers.drafts import AT, DRAFTS, GOOD, VAULT, verified
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Code, ProblemError
from core.onboarding.draft import Draft, Looked, Verified
from core.onboarding.draft_store import DraftStore
from core.onboarding.flow import Flow
from core.onboarding.pasted_secrets import looks_like_secret, texts_of, without_secrets
from core.onboarding.steps import StepId
from core.secrets import SecretRef
from core.secrets.redaction import know_secret


def key(seed: int, size: int = 32) -> str:
    """A base64 key, as Event Hubs (32 bytes) and storage accounts (64) have."""
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()


def connection_string(seed: int) -> str:
    return (
        "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=listen;"
        f"SharedAccessKey={key(seed)};EntityPath=azure-logs"
    )


def entra_secret(seed: int) -> str:
    letters = random.Random(seed).choices(string.ascii_letters + string.digits + "_~.-", k=34)
    return "abc8Q~" + "".join(letters)


SHAPES = {
    "connection string": connection_string,
    "its part": lambda seed: f"SharedAccessKey={key(seed)}",
    "in lower case": lambda seed: f"sharedaccesskey={key(seed)}",
    "percent-encoded": lambda seed: urllib.parse.quote(connection_string(seed), safe=""),
    "in base64": lambda seed: base64.b64encode(connection_string(seed).encode()).decode(),
    "over two lines": lambda seed: f"{key(seed)[:20]}\r\n  {key(seed)[20:]}",
    "in wide letters": lambda seed: "".join(chr(ord(e) + 0xFEE0) for e in key(seed)),
    "with a zero-width space": lambda seed: key(seed)[:9] + "\u200b" + key(seed)[9:],
    "key": key,
    "storage key": lambda seed: key(seed, 64),
    "SAS token": lambda seed: f"sr=sb%3a%2f%2fx&sig={urllib.parse.quote(key(seed))}&se=1&skn=a",
    "client secret": entra_secret,
    "JWT": lambda seed: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + key(seed).rstrip("="),
    "bearer": lambda seed: f"Bearer {key(seed)}",
    "PEM": lambda seed: f"-----BEGIN PRIVATE KEY-----\n{key(seed, 48)}\n-----END PRIVATE KEY-----",
    "password in a URL": lambda seed: f"https://mia:{key(seed)[:8]}@contoso.com/",
    "a whole file": lambda seed: "\n".join([key(seed)[:9]] * 600),
    "setting": lambda seed: f"password: {key(seed)[:12]}",
}
PLACES = [place for place, _ in texts_of(GOOD)] + [
    "azure_sign_in.client_secret",
    "azure_sign_in.certificate",
]
CHOICES = ("cloud", "method", "sku", "scope", "kind", "route", "managed_split", "mode")
"""Fields that take one of a few words; a draft with another cannot be saved at all."""


def put(value: Any, place: str, text: str) -> Any:
    """``value`` with ``text`` at ``place``."""
    head, _, rest = place.partition(".")
    if isinstance(value, tuple):
        number = int(head)
        return (*value[:number], put(value[number], rest, text), *value[number + 1 :])
    if dataclasses.is_dataclass(value) and not isinstance(value, (SecretRef, type)) and head:
        return replace(value, **{head: put(getattr(value, head), rest, text)})
    if value is None or isinstance(value, SecretRef):
        return SecretRef("store", text)
    return text


def test_the_places_are_all_texts_of_a_draft():
    assert "namespace.name" in PLACES
    assert "diagnostic_settings.settings.2.categories.0" in PLACES
    assert "diagnostic_settings.settings.2.resource_id" in PLACES
    assert "shared_access_policy.connection_string" in PLACES


@pytest.mark.parametrize("shape", SHAPES)
def test_a_pasted_secret_is_refused_at_every_text(shape):
    for seed, place in enumerate(PLACES):
        pasted = put(GOOD, place, SHAPES[shape](seed))
        with pytest.raises(ProblemError) as caught:
            Flow.start(GOOD).edit(pasted)
        assert caught.value.problem.code is Code.SECRET_IN_TEXT
        assert caught.value.problem.where == place
        assert key(seed)[:8] not in str(caught.value.problem)


@settings(max_examples=60)
@given(
    draft=DRAFTS,
    place=st.sampled_from([each for each in PLACES if each.rpartition(".")[2] not in CHOICES]),
    shape=st.sampled_from(sorted(SHAPES)),
    seed=st.integers(0, 2**32),
)
def test_a_saved_draft_never_holds_the_canary(tmp_path_factory, draft, place, shape, seed):
    base = replace(
        draft,
        diagnostic_settings=GOOD.diagnostic_settings,
        detection_rules=GOOD.detection_rules,
    )
    canary = SHAPES[shape](seed)
    store = DraftStore(tmp_path_factory.mktemp("canary") / "draft.json")
    store.save(Flow(draft=put(base, place, canary)))  # past edit, which would refuse it
    saved = store.path.read_text("utf-8")
    for piece in (canary, key(seed)[4:16], key(seed, 64)[4:16], entra_secret(seed)[6:]):
        assert piece not in saved
    resume = store.load()
    assert resume is not None
    assert not any(looks_like_secret(text) for _, text in texts_of(resume.flow.draft))
    # And nothing else is lost with it.
    for each in ("resource_group", "namespace", "event_hub"):
        if not place.startswith(each):
            assert getattr(resume.flow.draft, each) == getattr(base, each)


def test_a_secret_in_a_result_is_redacted_and_not_saved(tmp_path):
    flow = Flow.start(verified(GOOD))
    leaky = Looked("differs", "/subscriptions/s/x", ("units: 2, not 1", f"key: {key(1)}"))
    clean = Looked("differs", "/subscriptions/s/x", ("units: 2, not 1", "<redacted>"))
    flow = flow.record(StepId.NAMESPACE, leaky, AT, flow.draft)
    assert flow.draft.namespace.result == Verified(clean, AT)
    past = replace(flow.draft.namespace, result=Verified(leaky, AT))
    with pytest.raises(ProblemError) as caught:
        flow.edit(replace(flow.draft, namespace=past))
    assert caught.value.problem.where == "namespace.result.value.differences.1"
    store = DraftStore(tmp_path / "draft.json")
    store.save(Flow(draft=replace(flow.draft, namespace=past)))
    assert key(1) not in store.path.read_text()
    resume = store.load()
    assert resume is not None
    assert resume.flow.draft == flow.draft


def test_what_this_process_knows_as_a_secret_is_one_whatever_its_shape(tmp_path):
    flow = Flow.start(replace(GOOD, name="plain-canary"))
    know_secret("plain-canary")  # read from a store after it was typed
    with pytest.raises(ProblemError):
        flow.edit(replace(flow.draft, profile_file="/home/mia/plain-canary"))
    store = DraftStore(tmp_path / "draft.json")
    store.save(flow.go_next().go_back())
    assert "plain-canary" not in store.path.read_text()


def test_a_saved_draft_that_somebody_edited_brings_no_secret_in(tmp_path):
    store = DraftStore(tmp_path / "draft.json")
    store.save(Flow.start(GOOD))
    store.path.write_text(store.path.read_text().replace("azure-logs", key(2)))
    resume = store.load()
    assert resume is not None
    assert resume.flow.draft.event_hub.name == ""


@pytest.mark.parametrize(
    "name",
    [
        "RootManageSharedAccessKey",
        "ContosoSecurityEventHub2026Production",
        "contoso-security-prod-eastasia-001",
        "MicrosoftServicePrincipalSignInActivity",
        "EnrichedOffice365AuditLogs",
        "group:allLogs",
        "4f1c2a34-0000-4000-8000-000000000001",
        "contoso.onmicrosoft.com",
        "mia.li+soc@contoso.com",
        "contoso-security.servicebus.windows.net:9093",
        VAULT,
        "/subscriptions/4f1c2a34-0000-4000-8000-000000000002/resourceGroups/RG_East.Asia(1)"
        "/providers/Microsoft.Network/azureFirewalls/fw-Hub2026",
        "/home/mia/.config/isthmus/Contoso2026ToSecurityCenter.toml",
        "C:\\Users\\Mia\\AppData\\Local\\isthmus\\contoso.toml",
        "units: 2, not 1",
        "6f2d0b9c1e7a4f58",
        "生产环境日志中心",
        "store:contoso to soc-kafka",
        "LTAI5tExampleKeyId000001",
    ],
)
def test_names_are_no_secrets(name):
    assert not looks_like_secret(name)
    assert without_secrets(replace(GOOD, name=name)).name == name


def test_runs_that_are_random_are_taken_for_keys():
    """The secret of an AccessKey is 30 letters and digits; without a mark, only chance tells."""
    letters = string.ascii_letters + string.digits
    found = sum(
        looks_like_secret("".join(random.Random(seed).choices(letters, k=30)))
        for seed in range(1000)
    )
    assert found >= 985


@settings(max_examples=50)
@given(DRAFTS)
def test_a_clean_draft_is_saved_as_it_is(draft):
    cleaned = without_secrets(draft)
    assert without_secrets(cleaned) == cleaned
    if not any(looks_like_secret(text) for _, text in texts_of(draft)) and _refs_parse(draft):
        assert cleaned == draft


def _refs_parse(draft: Draft) -> bool:
    part = draft.azure_sign_in
    refs = (
        part.client_secret,
        part.certificate,
        draft.shared_access_policy.connection_string,
        draft.import_task.access_key_secret,
        draft.alibaba_sign_in.security_token,
    )
    return all(ref is None or ref.name or ref.scheme == "memory" for ref in refs)
