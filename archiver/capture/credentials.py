"""What a request carries of an account's secrets, made from templates at the last moment (`domain.exchange`)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from archiver.capture.secrets import PUBLIC, Secrets
from archiver.domain.account import Account
from archiver.domain.exchange import PrivateParameter, RequestSpec
from archiver.errors import TokenMissing

_NAME = re.compile(r"\{([a-z_]+)\}")
_PROOF = "proof"
_PROOF_KEY = "app_secret"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Carried:
    """The bearer and the private parameters of one request, in plain text: in memory only.

    ``key_header`` is the name of the field in which the bearer goes where it is an application's key; None: it is a
    token, for ``Authorization``. ``basic`` are user and password for that field, encoded.
    """

    bearer: str | None = field(default=None, repr=False)
    private: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    key_header: str | None = None
    basic: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.bearer is not None or self.basic is not None or bool(self.private)

    @property
    def names(self) -> frozenset[str]:
        """The names of the private parameters: their values are in nothing that is written."""
        return frozenset(name for name, _ in self.private)

    def url(self, spec: RequestSpec) -> str:
        """The address that is truly asked, without a fragment. Those of a POST go with its body."""
        url = spec.url.partition("#")[0]
        if not self.private or spec.method == "POST":
            return url
        return f"{url}{'&' if '?' in url else '?'}{urlencode(self.private, quote_via=quote)}"

    def body(self, spec: RequestSpec, body: bytes | None) -> bytes | None:
        """The body that is truly sent: a form where private parameters go with it."""
        if not self.private or spec.method != "POST":
            return body
        form = urlencode(self.private, quote_via=quote).encode()
        return body + b"&" + form if body else form

    def headers(self, spec: RequestSpec) -> tuple[tuple[str, str], ...]:
        """The spec's headers, with the type of the form that the body is."""
        form = self.private and spec.method == "POST"
        typed = any(name.lower() == "content-type" for name, _ in spec.headers)
        return (*spec.headers, ("Content-Type", _FORM)) if form and not typed else spec.headers

    def authorization(self) -> tuple[tuple[str, str], ...]:
        """The header field that holds the credential, or none."""
        if self.bearer is None:
            return (("Authorization", f"Basic {self.basic}"),) if self.basic is not None else ()
        return ((self.key_header, self.bearer) if self.key_header else ("Authorization", f"Bearer {self.bearer}"),)


NOTHING = Carried()


def carried(secrets: Secrets, account: Account, spec: RequestSpec, session: str | None = None) -> Carried:
    """What a request carries; ``session`` is the token in the place of the credential, where a session is open.

    Raises TokenMissing when a secret is configured and can't be had, or is needed and not configured.
    """
    bearer = session
    if bearer is None and spec.credential is not None:
        template = spec.credential if "{" in spec.credential else f"{{{spec.credential}}}"
        bearer = _filled(secrets, account.id, template, None)
        if bearer is None and "{" in spec.credential:
            raise _missing(account.id, template)
    there = _parameters_of(spec.url) if spec.private and spec.method != "POST" else frozenset()
    found = []
    for parameter in spec.private:
        value = _value(secrets, account.id, parameter, bearer)
        if value is not None and parameter.name not in there:  # a redirect may have repeated it
            found.append((parameter.name, value))
    key_header = None if session is not None else _key_header(spec, bearer)
    return Carried(bearer, tuple(found), key_header, _basic(secrets, account.id, spec))


def _basic(secrets: Secrets, account: str, spec: RequestSpec) -> str | None:
    """User and password as they go over the wire; None where one of them is not configured."""
    if spec.basic is None:
        return None
    user, password = (secrets.get(account, name) for name in spec.basic)
    if user is None or password is None:
        return None
    # RFC 6749, section 2.3.1: both are form-encoded before they are put together
    whole = base64.b64encode(f"{quote(user, safe='')}:{quote(password, safe='')}".encode()).decode()
    secrets.remember(account, whole)
    return whole


def proof(app_secret: str, credential: str) -> str:
    """Meta's ``appsecret_proof``: that the caller of an app's token knows the app's secret."""
    return hmac.new(app_secret.encode(), credential.encode(), hashlib.sha256).hexdigest()


def names_in(template: str) -> Iterable[str]:
    """The names of the secrets that a template needs."""
    for name in _NAME.findall(template):
        yield _PROOF_KEY if name == _PROOF else name


def _key_header(spec: RequestSpec, credential: str | None) -> str | None:
    """Where a credential goes that is a key; None where it is a bearer token after all."""
    if spec.key_header is None or credential is None or credential.startswith(spec.key_header.tokens):
        return None
    return spec.key_header.name


def _value(secrets: Secrets, account: str, parameter: PrivateParameter, bearer: str | None) -> str | None:
    value = _filled(secrets, account, parameter.template, bearer)
    if value is None and not parameter.optional:
        raise _missing(account, parameter.template)
    return value


def _filled(secrets: Secrets, account: str, template: str, bearer: str | None) -> str | None:
    """A template with its secrets in it; None where one of them is not configured."""
    values: dict[str, str] = {}
    for name in _NAME.findall(template):
        key = secrets.get(account, _PROOF_KEY if name == _PROOF else name)
        if key is None or (name == _PROOF and bearer is None):
            return None
        values[name] = proof(key, bearer) if name == _PROOF and bearer is not None else key
    whole = _NAME.sub(lambda found: values[found[1]], template)
    if not values.keys() <= PUBLIC:
        secrets.remember(account, whole)
    return whole


def _parameters_of(url: str) -> frozenset[str]:
    try:
        return frozenset(name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))
    except ValueError:  # what is no address is refused later
        return frozenset()


def _missing(account: str, template: str) -> TokenMissing:
    names = ", ".join(dict.fromkeys(names_in(template)))
    return TokenMissing(
        f"{account}: A call needs {names}, and not all of that is configured.",
        advice="Set it for the account in config.toml; docs/how-to/tokens.md says where it is found.",
    )
