"""The OpenID provider as its client sees it: code with PKCE, state, nonce, issuer; our own or an outside one."""

import base64
import hashlib
import hmac
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from services.portal.sessions import Began
from shared.errors import Refused
from shared.settings import Settings

log = logging.getLogger("diary.portal")

CLIENT = "portal"
SKEW = 60  # seconds
FRESH = 300.0  # seconds that what the provider publishes is kept
PATIENCE = aiohttp.ClientTimeout(total=5)
AT_ONCE = 1000  # sessions that are asked about in one question


class ProviderUnavailable(Refused):
    """Sign-in does not answer at the moment. Try again in a little while."""

    code = "portal.provider-unavailable"
    kind = "unavailable"
    ru = "Вход сейчас не отвечает. Повторите чуть позже."


class SignInRefused(Refused):
    """This sign-in cannot be completed. Begin again."""

    code = "portal.sign-in-refused"
    kind = "invalid"
    ru = "Этот вход завершить нельзя. Начните заново."


class Provider:
    """`inside` is where our own identity is reached without the detour through the portal; empty for an outside one."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession, inside: str) -> None:
        self.issuer = settings.identity_url
        self._http, self._inside = http, inside
        self._secret = settings.portal_client_secret.get_secret_value()
        self._redirect = f"{settings.public_url}/auth/callback"
        self._published: dict[str, tuple[float, Any]] = {}

    async def metadata(self) -> dict[str, Any]:
        """The discovery document; it must be the issuer's own. Raises ProviderUnavailable."""
        found: dict[str, Any] = await self._get(f"{self.issuer}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderUnavailable()
        return found

    async def address(self, state: str, began: Began) -> str:
        """Where the browser goes to sign in."""
        hashed = hashlib.sha256(began.verifier.encode()).digest()
        query = {
            "response_type": "code", "client_id": CLIENT, "redirect_uri": self._redirect, "scope": "openid",
            "state": state, "nonce": began.nonce, "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(hashed).rstrip(b"=").decode(),
        }  # fmt: skip
        return f"{(await self.metadata())['authorization_endpoint']}?{urlencode(query)}"

    async def redeem(self, code: str, began: Began) -> dict[str, Any]:
        """The claims of the id token that a code stands for. Raises SignInRefused, ProviderUnavailable."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect,
                "code_verifier": began.verifier}  # fmt: skip
        status, body = await self._post("token_endpoint", form)
        if status != 200 or not isinstance(body.get("id_token"), str):
            raise SignInRefused()
        return await self._judged(body["id_token"], began.nonce)

    async def living(self, sids: Sequence[str]) -> frozenset[str] | None:
        """Which of the provider's sessions live; None when it does not answer or cannot tell."""
        found: list[str] = []
        for first in range(0, len(sids), AT_ONCE):
            try:
                status, body = await self._post("introspection_endpoint", {"sid": sids[first : first + AT_ONCE]})
            except ProviderUnavailable:
                return None
            if status != 200 or not isinstance(body.get("living"), list):
                return None
            found += body["living"]
        return frozenset(found)

    async def end(self, sid: str) -> None:
        """Tell the provider that its user signed out; a provider that is away keeps its session until it runs out."""
        try:
            await self._post("end_session_endpoint", {"sid": sid})
        except ProviderUnavailable:
            log.warning("the provider was not told of a sign-out")

    async def _judged(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            kid = extract_compact(token.encode()).headers()["kid"]
            claims: dict[str, Any] = jwt.decode(token, await self._key(kid), algorithms=["ES256"]).claims
            now = time.time()
            good = (
                claims["iss"] == self.issuer
                and claims["aud"] in (CLIENT, [CLIENT])
                and hmac.compare_digest(claims["nonce"], nonce)
                and claims["iat"] - SKEW <= now < claims["exp"] + SKEW
            )
        except (JoseError, KeyError, ValueError, TypeError):
            good = False
        if not good:
            raise SignInRefused()
        return claims

    async def _key(self, kid: str) -> Any:
        address = (await self.metadata())["jwks_uri"]
        for _ in range(2):
            found = [key for key in KeySet.import_key_set(await self._get(address)).keys if key.kid == kid]
            if found:
                return found[0]
            self._published.pop(address, None)  # it may have changed its keys
        raise KeyError(kid)

    async def _get(self, address: str) -> Any:
        kept = self._published.get(address)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        try:
            async with self._http.get(self._within(address), timeout=PATIENCE, allow_redirects=False) as answer:
                answer.raise_for_status()
                found = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("the provider does not answer", extra={"cause": type(error).__name__})
            raise ProviderUnavailable() from None
        self._published[address] = (time.monotonic() + FRESH, found)
        return found

    async def _post(self, endpoint: str, form: Mapping[str, str | Sequence[str]]) -> tuple[int, dict[str, Any]]:
        address = (await self.metadata()).get(endpoint)
        if not isinstance(address, str):
            return 404, {}
        proof = {"Authorization": aiohttp.encode_basic_auth(CLIENT, self._secret)}
        try:
            async with self._http.post(
                self._within(address), data=_pairs(form), headers=proof, timeout=PATIENCE, allow_redirects=False
            ) as answer:
                if answer.status >= 500:
                    raise ProviderUnavailable()
                return answer.status, await answer.json() if answer.content_type == "application/json" else {}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("the provider does not answer", extra={"cause": type(error).__name__})
            raise ProviderUnavailable() from None

    def _within(self, address: str) -> str:
        """The same place by the short way, for our own identity."""
        if self._inside and address.startswith(self.issuer + "/"):
            return self._inside + address.removeprefix(self.issuer)
        return address


def _pairs(form: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
    """A list is sent as one field again and again."""
    return [(name, one) for name, value in form.items() for one in ([value] if isinstance(value, str) else value)]
