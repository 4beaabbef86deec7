"""azure-identity signs in at the emulator, in every way that a user may choose."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import threading
import time
import urllib.request
import webbrowser

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, DeviceCodeCredential, InteractiveBrowserCredential
from azure.identity.aio import CertificateCredential as AsyncCertificateCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.mgmt.resource.subscriptions import SubscriptionClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@pytest.fixture(autouse=True)
def _defaults(cloud):
    yield
    cloud.command("device_options", polls=2, interval=0, lifetime=900)
    cloud.command("consent", approve=True)
    cloud.command("refuse_sign_in", number=0)
    cloud.command("token_lifetime", seconds=3600)
    cloud.command("scenario", name="two_tenants", on=False)


def subscriptions_of(cloud, credential, tenant=None):
    """Names of the subscriptions that a token of ``credential`` shows."""
    if tenant is not None:
        token = credential.get_token(cloud.scope, tenant_id=tenant)
        credential = _Fixed(token)
    with SubscriptionClient(credential, **cloud.options()) as client:
        return [item.display_name for item in client.subscriptions.list()]


class _Fixed:
    def __init__(self, token):
        self._token = token

    def get_token(self, *scopes, **more):
        return self._token

    def close(self):
        pass


def test_a_service_principal_signs_in_by_its_secret(cloud):
    with cloud.app() as credential:
        token = credential.get_token(cloud.scope)
        assert 3500 < token.expires_on - time.time() <= 3600
        assert subscriptions_of(cloud, credential) == ["Contoso Production"]


def test_the_asynchronous_credential_does_too(cloud):
    async def sign_in():
        box = cloud.box
        credential = AsyncClientSecretCredential(
            box.tenant, box.client_id, box.client_secret, **cloud.identity()
        )
        async with credential:
            return await credential.get_token("https://management.azure.com/.default")

    assert subscriptions_of(cloud, _Fixed(asyncio.run(sign_in()))) == ["Contoso Production"]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"secret": "wrong"}, "AADSTS7000215"),
        ({"client": "00000000-0000-0000-0000-000000000001"}, "AADSTS700016"),
        ({"tenant": "00000000-0000-0000-0000-000000000002"}, "00000000-0000-0000-0000-00000"),
        ({"scope": "https://vault.azure.net/.default"}, "AADSTS500011"),
    ],
)
def test_what_is_wrong_is_said_with_its_number(cloud, change, number):
    box = cloud.box
    credential = AsyncClientSecretCredential(
        change.get("tenant", box.tenant),
        change.get("client", box.client_id),
        change.get("secret", box.client_secret),
        **cloud.identity(),
    )

    async def sign_in():
        async with credential:
            await credential.get_token(change.get("scope", cloud.scope))

    with pytest.raises(ClientAuthenticationError) as caught:
        asyncio.run(sign_in())
    wanted = "AADSTS90002" if "tenant" in change else number
    assert wanted in str(caught.value)
    assert box.client_secret not in str(caught.value)


def test_msal_names_the_wrong_secret_too(cloud):
    with (
        cloud.app("wrong") as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token(cloud.scope)


def test_a_service_principal_signs_in_by_a_registered_certificate(cloud):
    pem, certificate = _certificate()
    box = cloud.box

    def tokens():
        with CertificateCredential(
            box.tenant, box.client_id, certificate_data=pem, **cloud.identity()
        ) as credential:
            first = credential.get_token(cloud.scope)

        async def sign_in():
            async with AsyncCertificateCredential(
                box.tenant, box.client_id, certificate_data=pem, **cloud.identity()
            ) as other:
                return await other.get_token(cloud.scope)

        return first, asyncio.run(sign_in())

    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        tokens()
    cloud.command("register_certificate", pem=certificate)
    for token in tokens():
        assert subscriptions_of(cloud, _Fixed(token)) == ["Contoso Production"]


def device_code(cloud, **more):
    told = []
    credential = DeviceCodeCredential(
        tenant_id=cloud.box.tenant,
        prompt_callback=lambda uri, code, expires: told.append((uri, code, expires)),
        **cloud.identity(),
        **more,
    )
    return credential, told


def test_a_device_code_is_approved_by_itself_at_the_second_poll(cloud):
    cloud.command("device_options", interval=0)
    cloud.command("clear_requests")
    credential, told = device_code(cloud)
    with credential:
        record = credential.authenticate(scopes=[cloud.scope])
        assert record.username == "analyst@contoso.onmicrosoft.com"
        assert record.tenant_id == cloud.box.tenant
        assert subscriptions_of(cloud, credential) == ["Contoso Production"]
    [(uri, code, expires)] = told
    assert uri.startswith("https://")
    assert len(code) == 9
    assert expires > dt.datetime.now(dt.UTC)
    polls = [item["status"] for item in cloud.command("requests") if "token" in item["path"]]
    assert polls == [400, 200]


def test_a_device_code_waits_for_the_approval(cloud):
    cloud.command("device_options", polls=0, interval=0)
    credential, told = device_code(cloud)
    done = threading.Event()

    def sign_in():
        with credential:
            credential.get_token(cloud.scope)
        done.set()

    thread = threading.Thread(target=sign_in, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while cloud.command("device_code", approve=True) == 0:
        assert time.monotonic() < deadline
    assert done.wait(20)
    thread.join(20)
    assert told


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        ("decline", "authorization_declined|AADSTS70018"),
        ("expire", "expired|AADSTS70020|Timed out"),
    ],
)
def test_a_device_code_that_is_declined_or_expires(cloud, prepare, error):
    cloud.command("device_options", polls=0, interval=0)
    if prepare == "expire":
        cloud.command("device_options", lifetime=0)

    def told(uri, code, expires):
        if prepare == "decline":
            cloud.command("device_code", approve=False)

    credential = DeviceCodeCredential(
        tenant_id=cloud.box.tenant, prompt_callback=told, **cloud.identity()
    )
    with credential, pytest.raises(ClientAuthenticationError, match=error):
        credential.get_token(cloud.scope)


class _Browser(webbrowser.BaseBrowser):
    """Follows the redirect to the credential's own listener, as a browser does."""

    def __init__(self, ca_file):
        super().__init__("sandbox")
        context = ssl.create_default_context(cafile=str(ca_file))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        self.thread = None

    def open(self, url, new=0, autoraise=True):
        self.thread = threading.Thread(target=self._visit, args=(url,), daemon=True)
        self.thread.start()
        return True

    def _visit(self, url):
        with self._opener.open(url, timeout=20) as page:
            page.read()


@pytest.fixture
def browser(cloud, monkeypatch):
    opened = _Browser(cloud.box.ca_file)
    monkeypatch.setattr(webbrowser, "_tryorder", ["sandbox"])
    monkeypatch.setitem(webbrowser._browsers, "sandbox", [None, opened])
    yield opened
    if opened.thread is not None:
        opened.thread.join(20)


def test_a_browser_signs_in_with_proof_of_possession_of_the_code(cloud, browser):
    cloud.command("consent", user="soc@contoso.onmicrosoft.com")
    with InteractiveBrowserCredential(tenant_id="organizations", **cloud.identity()) as credential:
        record = credential.authenticate(scopes=[cloud.scope])
        assert record.username == "soc@contoso.onmicrosoft.com"
        assert subscriptions_of(cloud, credential) == ["Contoso Production"]
    cloud.command("consent", user="analyst@contoso.onmicrosoft.com")


def test_a_browser_whose_user_declines(cloud, browser):
    cloud.command("consent", approve=False)
    with (
        InteractiveBrowserCredential(tenant_id=cloud.box.tenant, **cloud.identity()) as credential,
        pytest.raises(ClientAuthenticationError, match=r"access_denied|AADSTS65004"),
    ):
        credential.get_token(cloud.scope)


def test_a_signed_in_user_gets_tokens_of_the_second_tenant_without_a_new_prompt(cloud):
    cloud.command("device_options", interval=0)
    credential, told = device_code(cloud, additionally_allowed_tenants=["*"])
    with credential, cloud.playing("two_tenants"):
        credential.authenticate(scopes=[cloud.scope])
        _, second = cloud.command("describe")["tenants"]
        assert subscriptions_of(cloud, credential) == ["Contoso Production"]
        assert subscriptions_of(cloud, credential, second["id"]) == ["Fabrikam Security"]
    assert len(told) == 1


def test_an_expired_session_has_to_be_begun_again(cloud):
    cloud.command("device_options", interval=0)
    cloud.command("token_lifetime", seconds=1)
    credential, told = device_code(cloud)
    with credential:
        credential.get_token(cloud.scope)
        credential.get_token(cloud.scope)
        assert len(told) == 1, "the refresh token was not used"
        assert cloud.command("expire_refresh_tokens") > 0
        credential.get_token(cloud.scope)
        assert len(told) == 2


def test_conditional_access_refuses_everybody(cloud):
    cloud.command("refuse_sign_in", number=53003)
    with cloud.app() as credential, pytest.raises(ClientAuthenticationError, match="AADSTS53003"):
        credential.get_token(cloud.scope)


def _certificate() -> tuple[bytes, str]:
    """Key and certificate in one PEM, and the certificate alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "isthmus test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    ).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made, made.decode()
