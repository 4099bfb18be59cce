"""Sign in with an OpenID provider: authorization code with PKCE, through the optional Authlib.

A provider's identity alone does not give an account. The person must have signed in with it before, have a login that
is an e-mail address the provider has verified, or hold an invitation.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Any

from backend.auth.secrets import new_secret
from backend.people.problems import ProviderFailed
from backend.settings import Settings

_SCOPE = "openid email profile"
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # signatures by the provider's own key; never none
_SECONDS = 10.0
_LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Errand:
    """What the browser must bring back from the provider, kept in a separate cookie until then."""

    state: str
    nonce: str
    verifier: str  # PKCE: proves that whoever redeems the code asked for it
    invitation: str  # the secret of a one-time link; empty if there is none
    place: str  # the front end's path to open afterwards

    @classmethod
    def new(cls, *, invitation: str, place: str) -> "Errand":
        return cls(new_secret(), new_secret(), new_secret(), invitation, place)

    def pack(self) -> str:
        return urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()

    @classmethod
    def unpack(cls, cookie: str | None) -> "Errand":
        """Read the errand from a cookie.

        Raises:
            ProviderFailed: there is no cookie, or `pack` did not make it.
        """
        try:
            fields = json.loads(urlsafe_b64decode(cookie or ""))
            return cls(**{name: str(fields[name]) for name in cls.__dataclass_fields__})
        except (ValueError, KeyError, TypeError) as error:
            raise ProviderFailed("This browser did not start signing in here, or took too long.") from error


@dataclass(frozen=True, slots=True)
class Stranger:
    """A person as the provider describes them."""

    issuer: str
    subject: str
    email: str | None  # only if the provider has verified it
    name: str


def callback_address(origin: str) -> str:
    return f"{origin}/api/sign-in/provider/callback"


async def provider_address(settings: Settings, errand: Errand, origin: str) -> str:
    """The provider's address to which to send the browser.

    Raises:
        ProviderFailed: the provider did not answer, or not correctly.
    """
    async with _client(settings, origin) as client:
        metadata = await _metadata(client, settings)
        address, _state = client.create_authorization_url(
            metadata["authorization_endpoint"],
            state=errand.state,
            code_verifier=errand.verifier,
            nonce=errand.nonce,
        )
    return str(address)


async def who_came_back(settings: Settings, errand: Errand, origin: str, *, code: str) -> Stranger:
    """Redeem the code and read the identity it gives.

    Raises:
        ProviderFailed: the provider did not answer, or not correctly.
    """
    from authlib.common.errors import AuthlibBaseError
    from httpx import HTTPError
    from joserfc.errors import JoseError

    try:
        async with _client(settings, origin) as client:
            metadata = await _metadata(client, settings)
            token = await client.fetch_token(
                metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=errand.verifier
            )
            found = await client.request("GET", metadata["jwks_uri"], withhold_token=True)
            keys = found.raise_for_status().json()
        claims = _verified(str(token["id_token"]), keys, settings, errand)
    except (AuthlibBaseError, HTTPError, JoseError, KeyError, ValueError) as error:
        raise ProviderFailed from error
    email = claims.get("email") if claims.get("email_verified") is True else None
    name = str(claims.get("name") or email or claims["sub"])[:100]
    return Stranger(str(claims["iss"]), str(claims["sub"]), str(email) if email else None, name)


def _verified(id_token: str, keys: dict[str, Any], settings: Settings, errand: Errand) -> dict[str, Any]:
    """The token's claims, after checking signature, issuer, audience, times and nonce."""
    from joserfc import jwt
    from joserfc.jwk import KeySet

    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": errand.nonce},
    )
    registry.validate(token.claims)
    audience: str | list[str] = token.claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and token.claims.get("azp") != settings.oidc_client_id:
        raise ValueError("the identity was made for somebody else")
    return token.claims


async def _metadata(client: Any, settings: Settings) -> dict[str, Any]:
    """The provider's metadata, after checking that its issuer is the configured one."""
    from httpx import HTTPError

    address = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = await client.request("GET", address, withhold_token=True)
        metadata: dict[str, Any] = answer.raise_for_status().json()
    except (HTTPError, ValueError) as error:
        raise ProviderFailed(f"{settings.oidc_issuer} does not answer.") from error
    if metadata.get("issuer") != settings.oidc_issuer:
        raise ProviderFailed("The provider calls itself by another name than MASKLOOM_OIDC_ISSUER.")
    return metadata


def _client(settings: Settings, origin: str) -> Any:
    try:
        from authlib.integrations.httpx_client import AsyncOAuth2Client
    except ImportError as error:
        raise ProviderFailed("The server lacks its OpenID extra: pip install 'maskloom[openid]'.") from error
    secret = settings.oidc_client_secret.get_secret_value()
    return AsyncOAuth2Client(
        client_id=settings.oidc_client_id,
        client_secret=secret or None,
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
        scope=_SCOPE,
        redirect_uri=callback_address(origin),
        code_challenge_method="S256",
        timeout=_SECONDS,
    )
