"""Each way to sign in, and what is said when it fails."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from core.azure.clouds import cloud
from core.azure.problems import azure_problem
from core.azure.resource_groups import find_resource_group
from core.azure.session import AzureSession
from core.azure.sign_in import Account, DeviceCode, SignIn, open_credential, sign_in
from core.azure.subscriptions import subscriptions
from core.errors import Code, Problem, ProblemError

SECRET = "not-the-secret-of-this-application"


def signed_in(azure, how: SignIn, *, record=None, on_code=None, interactive=True) -> Account:
    async def work() -> Account:
        async with open_credential(
            how,
            azure.cloud,
            ca_file=azure.sandbox.ca_file,
            record_file=record,
            on_device_code=on_code,
            interactive=interactive,
        ) as credential:
            return await sign_in(credential)

    return asyncio.run(work())


def refused(azure, how: SignIn, **options) -> Problem:
    with pytest.raises(ProblemError) as caught:
        signed_in(azure, how, **options)
    return caught.value.problem


def user(azure, method: str, **changes) -> SignIn:
    return SignIn(method, **{"tenant": azure.sandbox.tenant, **changes})


def test_a_service_principal_signs_in_with_its_secret(azure):
    account = signed_in(azure, azure.sign_in())
    assert account.tenant == azure.sandbox.tenant
    assert account.user == ""
    assert account.principal


def test_a_wrong_secret_is_named_and_not_shown(azure):
    problem = refused(azure, azure.sign_in(client_secret=SECRET))
    assert problem.code is Code.AZURE_CLIENT_SECRET_WRONG
    assert "AADSTS7000215" in problem.detail
    assert SECRET not in str(problem)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "00000000-1111-2222-3333-444444444444"}, Code.AZURE_APPLICATION_NOT_FOUND),
        ({"tenant": "00000000-1111-2222-3333-444444444444"}, Code.AZURE_TENANT_NOT_FOUND),
        ({"tenant": ""}, Code.AZURE_TENANT_NEEDED),
        ({"tenant": "no tenant"}, Code.AZURE_NAME_INVALID),
        ({"certificate": b"this is no PEM"}, Code.AZURE_CERTIFICATE_UNUSABLE),
    ],
)
def test_what_is_wrong_with_a_service_principal(azure, changes, code):
    assert refused(azure, azure.sign_in(**changes)).code is code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (7000222, Code.AZURE_CLIENT_SECRET_EXPIRED),
        (53003, Code.AZURE_CONDITIONAL_ACCESS),
        (50076, Code.AZURE_MFA_NEEDED),
        (65001, Code.AZURE_CONSENT_NEEDED),
        (50011, Code.AZURE_REDIRECT_NOT_REGISTERED),
        (50057, Code.AZURE_USER_NOT_IN_TENANT),
        (700027, Code.AZURE_CERTIFICATE_REFUSED),
        (700082, Code.AZURE_SIGN_IN_NEEDED),
        (70011, Code.AZURE_SIGN_IN_FAILED),
    ],
)
def test_numbers_of_entra_id_have_their_own_codes(azure, number, code):
    with azure.refusing(number):
        problem = refused(azure, azure.sign_in())
    assert problem.code is code
    assert f"AADSTS{number}" in problem.detail


def test_a_registered_certificate_signs_in_and_another_does_not(azure):
    ours, theirs = certificate(), certificate()
    azure.sandbox.arm.request("register_certificate", pem=ours.decode())
    account = signed_in(azure, azure.sign_in(client_secret="", certificate=ours))
    assert account.tenant == azure.sandbox.tenant
    problem = refused(azure, azure.sign_in(client_secret="", certificate=theirs))
    assert problem.code is Code.AZURE_CERTIFICATE_REFUSED


def test_a_device_code_signs_a_user_in_and_keeps_who_it_was(azure, tmp_path):
    seen: list[tuple[DeviceCode, int]] = []
    record = tmp_path / "state" / "account.json"
    with azure.device_codes():
        account = signed_in(
            azure,
            user(azure, "device_code"),
            record=record,
            on_code=lambda code: seen.append((code, threading.get_ident())),
        )
    ((code, thread),) = seen
    assert code.uri.startswith("https://")
    assert code.code
    assert code.expires_at > dt.datetime.now(dt.UTC)
    assert thread == threading.get_ident(), "the callback runs on the loop that signs in"
    assert "@" in account.user
    assert account.tenant == azure.sandbox.tenant
    kept = json.loads(record.read_text("utf-8"))
    assert kept["username"] == account.user
    assert not {"access_token", "refresh_token", "secret"} & set(kept)
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


def test_later_sessions_of_the_process_go_on_with_a_users_sign_in(azure, tmp_path):
    record, how = tmp_path / "account.json", user(azure, "device_code")
    with azure.device_codes():
        account = signed_in(azure, how, record=record)

    async def look() -> list[str]:
        credential = open_credential(
            how,
            azure.cloud,
            ca_file=azure.sandbox.ca_file,
            record_file=record,
            on_device_code=None,
            interactive=False,
        )
        async with AzureSession(azure.cloud, credential, ca_file=azure.sandbox.ca_file) as session:
            assert (await credential.account()).user == account.user
            return [each.id async for each in subscriptions(session)]

    assert asyncio.run(look()) == [azure.subscription]


@pytest.mark.parametrize("method", ["browser", "device_code"])
def test_who_never_signed_in_is_asked_to_and_not_sent_to_a_browser(azure, tmp_path, method):
    how = user(azure, method, client_id="11111111-1111-2222-3333-444444444444")
    problem = refused(azure, how, record=tmp_path / "none.json", interactive=False)
    assert problem.code is Code.AZURE_SIGN_IN_NEEDED


def test_the_account_file_alone_signs_nobody_in(azure, tmp_path):
    """Where there is no store for tokens they die with what had them in memory."""
    record = tmp_path / "account.json"
    how = user(azure, "device_code", tenant=azure.sandbox.tenant.upper())
    with azure.device_codes():
        account = signed_in(azure, how, record=record)
    other = user(azure, "browser", tenant=azure.sandbox.tenant.upper())
    if account.remembered:
        assert signed_in(azure, other, record=record, interactive=False).user == account.user
    else:
        problem = refused(azure, other, record=record, interactive=False)
        assert problem.code is Code.AZURE_SIGN_IN_NEEDED


def test_a_device_code_that_is_declined(azure):
    with azure.device_codes(polls=0):
        problem = refused(
            azure,
            user(azure, "device_code"),
            on_code=lambda code: azure.sandbox.arm.request("device_code", approve=False),
        )
    assert problem.code is Code.AZURE_SIGN_IN_DECLINED


def test_a_device_code_that_nobody_enters_expires(azure):
    with azure.device_codes(polls=0, lifetime=0.3):
        problem = refused(azure, user(azure, "device_code"))
    assert problem.code in (Code.AZURE_DEVICE_CODE_EXPIRED, Code.AZURE_SIGN_IN_TIMED_OUT)


def test_conditional_access_against_device_codes_advises_another_way(azure):
    with azure.refusing(53003):
        problem = refused(azure, user(azure, "device_code"))
    assert problem.code is Code.AZURE_DEVICE_CODE_BLOCKED


def test_cancelling_a_device_code_stops_the_waiting_and_keeps_nothing(azure, tmp_path):
    record = tmp_path / "account.json"

    async def work() -> None:
        shown = asyncio.Event()
        credential = open_credential(
            user(azure, "device_code", client_id="22222222-1111-2222-3333-444444444444"),
            azure.cloud,
            ca_file=azure.sandbox.ca_file,
            record_file=record,
            on_device_code=lambda code: shown.set(),
            interactive=True,
        )
        async with credential:
            waiting = asyncio.create_task(sign_in(credential))
            await asyncio.wait_for(shown.wait(), 20)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    with azure.device_codes(polls=0):
        asyncio.run(work())
        azure.sandbox.arm.request("device_code", approve=True)  # too late: nobody waits
        for each in threading.enumerate():
            if each.name == "azure-sign-in":
                assert each.daemon
                each.join(20)
    assert not record.exists()


def test_the_browser_signs_a_user_in(azure, tmp_path, monkeypatch):
    browse_with(monkeypatch, tmp_path, azure.sandbox.ca_file)
    account = signed_in(azure, user(azure, "browser"), record=tmp_path / "account.json")
    assert "@" in account.user


def test_a_machine_without_a_browser_is_told_of_device_codes(azure, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    forget_browsers(monkeypatch)
    problem = refused(azure, user(azure, "browser"))
    assert problem.code is Code.AZURE_BROWSER_UNAVAILABLE


def test_no_azure_cli(azure, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(azure, user(azure, "cli")).code is Code.AZURE_CLI_MISSING


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("echo \"Please run 'az login' to setup account.\" >&2; exit 1", "azure_cli_not_signed_in"),
        ("echo 'AADSTS50076: use multi-factor' >&2; exit 1", "azure_mfa_needed"),
        ("echo 'something broke' >&2; exit 1", "azure_cli_failed"),
    ],
)
def test_what_azure_cli_says_when_it_has_no_token(azure, tmp_path, monkeypatch, script, code):
    program = tmp_path / "az"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert refused(azure, user(azure, "cli")).code == code


def test_an_authority_that_is_not_trusted_is_not_asked_again_and_again(azure):
    async def work() -> None:
        async with open_credential(
            azure.sign_in(),
            azure.cloud,
            ca_file=None,
            record_file=None,
            on_device_code=None,
            interactive=False,
        ) as credential:
            await sign_in(credential)

    with pytest.raises(ProblemError) as caught:
        asyncio.run(work())
    assert caught.value.problem.code is Code.AZURE_CERTIFICATE_UNTRUSTED


@pytest.mark.slow
def test_nothing_listens_there(azure):
    where = cloud("public", "https://127.0.0.1:9", "https://127.0.0.1:9")

    async def work() -> None:
        async with open_credential(
            azure.sign_in(),
            where,
            ca_file=azure.sandbox.ca_file,
            record_file=None,
            on_device_code=None,
            interactive=False,
        ) as credential:
            await sign_in(credential)

    with pytest.raises(ProblemError) as caught:
        asyncio.run(work())
    assert caught.value.problem.code is Code.AZURE_UNREACHABLE
    assert "127.0.0.1:9" in caught.value.problem.cause


def test_no_secret_is_in_a_repr():
    how = SignIn("service_principal", "t", "c", client_secret=SECRET, certificate=b"PRIVATE KEY")
    assert SECRET not in repr(how)
    assert "PRIVATE" not in repr(how)


def certificate() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "isthmus")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)


def browse_with(monkeypatch, folder: Path, ca_file: Path) -> None:
    """A browser for one page: it follows where Entra ID sends it."""
    program = folder / "browser"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, ssl, sys, urllib.request as r\n"
        "if os.fork(): os._exit(0)\n"  # whoever opened it goes on
        f"trust = r.HTTPSHandler(context=ssl.create_default_context(cafile={str(ca_file)!r}))\n"
        "r.build_opener(r.ProxyHandler({}), trust).open(sys.argv[1], timeout=20).read()\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(program))
    forget_browsers(monkeypatch)


def forget_browsers(monkeypatch) -> None:
    """Python looks for browsers once; have it look again."""
    import webbrowser

    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})


def test_what_az_login_left_is_used_once_for_all_clients(azure, tmp_path, monkeypatch):
    async def token() -> str:
        async with azure.session() as session:
            return (await session.credential.get_token(azure.cloud.scope)).token

    calls = tmp_path / "calls"
    told = {"accessToken": asyncio.run(token()), "expires_on": 4102444800, "tenant": "t"}
    (tmp_path / "told.json").write_text(json.dumps(told))
    program = tmp_path / "az"
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\ncat {tmp_path / "told.json"}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    async def work() -> tuple[str, list[str]]:
        credential = open_credential(
            user(azure, "cli"),
            azure.cloud,
            ca_file=azure.sandbox.ca_file,
            record_file=None,
            on_device_code=None,
            interactive=False,
        )
        async with AzureSession(azure.cloud, credential, ca_file=azure.sandbox.ca_file) as session:
            account = await sign_in(credential)
            seen = [each.id async for each in subscriptions(session)]
            await find_resource_group(session, azure.subscription, "rg-none")
            return account.tenant, seen

    assert asyncio.run(work()) == (azure.sandbox.tenant, [azure.subscription])
    (call,) = calls.read_text().splitlines()
    assert f"--resource {azure.sandbox.endpoint}" in call


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (
            "Authentication failed: "
            "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): "
            'Max retries exceeded with url: /x (Caused by NameResolutionError("Failed to resolve '
            "'login.microsoftonline.com' ([Errno -2] Name or service not known)\"))",
            "its name has no address",
        ),
        (
            "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded "
            "(Caused by NewConnectionError('[Errno 111] Connection refused'))",
            "the connection was refused",
        ),
    ],
)
def test_a_sign_in_that_never_got_there_is_no_refusal(words, reason):
    """MSAL's words, as azure-identity passes them on (seen without a network)."""
    found = azure_problem(ClientAuthenticationError(message=words), "azure.sign_in")
    assert found.code is Code.AZURE_UNREACHABLE
    assert "login.microsoftonline.com" in found.cause
    assert reason in found.cause
