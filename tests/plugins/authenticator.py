"""A software security key inside the browser: `key = SecurityKey(page)`."""

from typing import Any

from playwright.sync_api import Page


class SecurityKey:
    """A platform authenticator (CTAP2, discoverable credentials) whose owner confirms every request."""

    def __init__(self, page: Page, **options: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        defaults = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": defaults | options})
        self._id = {"authenticatorId": answer["authenticatorId"]}

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What is on the key now: credentialId, rpId, userHandle, signCount, …."""
        held: list[dict[str, Any]] = self._session.send("WebAuthn.getCredentials", self._id)["credentials"]
        return held

    def set_owner_verifies(self, *, verifies: bool) -> None:
        """False: from now on the finger is not the owner's, and every ceremony fails."""
        self._session.send("WebAuthn.setUserVerified", self._id | {"isUserVerified": verifies})

    def set_owner_is_there(self, *, is_there: bool) -> None:
        """False: from now on nobody touches the key, and every request waits (one that signs in unasked, too)."""
        self._session.send("WebAuthn.setAutomaticPresenceSimulation", self._id | {"enabled": is_there})

    def clear(self) -> None:
        self._session.send("WebAuthn.clearCredentials", self._id)

    def remove(self) -> None:
        """The key is lost: the browser has none any more."""
        self._session.send("WebAuthn.removeVirtualAuthenticator", self._id)
