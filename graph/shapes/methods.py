"""Authentication methods."""

from typing import Any, ClassVar

from pydantic import Field, model_validator

from graph.shapes.base import Moment, Sent, Shape

PASSWORD_ID = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105  Graph's fixed id of the password method

KNOWN_TO_NOBODY_ELSE = (
    "Passwords are known to their owners only, so nobody can set another person's. "
    "Create a temporaryAccessPassMethod: with it the person signs in and registers a method."
)
NOT_TO_BE_CHOSEN = (
    "Nobody chooses another person's password. Leave newPassword out: "
    "one is made that works once and has to be replaced."
)


class AuthenticationMethod(Shape):
    """What every method has."""

    graph_name = "authenticationMethod"
    odata_type: str = Field(alias="@odata.type")
    id: str
    created_date_time: Moment | None = None


class PasswordMethod(AuthenticationMethod):
    """The password. It is never told."""

    graph_name = "passwordAuthenticationMethod"
    odata_type: str = Field(default="#microsoft.graph.passwordAuthenticationMethod", alias="@odata.type")
    password: None = None


class Fido2Method(AuthenticationMethod):
    """A passkey."""

    graph_name = "fido2AuthenticationMethod"
    odata_type: str = Field(default="#microsoft.graph.fido2AuthenticationMethod", alias="@odata.type")
    display_name: str
    aa_guid: str
    model: str | None
    attestation_certificates: list[str] = []
    attestation_level: str
    passkey_type: str


class TemporaryAccessPassMethod(AuthenticationMethod):
    """A pass. Its code is there in the answer that makes it, and never again."""

    graph_name = "temporaryAccessPassAuthenticationMethod"
    odata_type: str = Field(default="#microsoft.graph.temporaryAccessPassAuthenticationMethod", alias="@odata.type")
    temporary_access_pass: str | None = None
    start_date_time: Moment
    lifetime_in_minutes: int
    is_usable_once: bool
    is_usable: bool
    method_usability_reason: str


class PassOfTenant(TemporaryAccessPassMethod):
    """A pass with its person, in the list of all passes. Ours."""

    graph_name = "temporaryAccessPass"
    is_ours = True
    odata_type: str = Field(default="#gatepass.temporaryAccessPass", alias="@odata.type")
    user_id: str
    user_principal_name: str
    user_display_name: str
    end_date_time: Moment
    issued_by: str
    last_used_date_time: Moment | None
    state: str


class SentPass(Sent):
    """A pass to make; what is left out comes from the policy. Nobody chooses the code (criterion A01)."""

    graph_name = "temporaryAccessPassAuthenticationMethod"
    echoed: ClassVar[frozenset[str]] = frozenset({"id", "createdDateTime", "isUsable", "methodUsabilityReason"})
    start_date_time: Moment | None = None
    lifetime_in_minutes: int | None = None
    is_usable_once: bool | None = None
    temporary_access_pass: None = None


class CreationOptions(Shape):
    """What an authenticator needs to make a passkey."""

    graph_name = "webauthnCredentialCreationOptions"
    is_complex = True
    odata_type: str = Field(default="#microsoft.graph.webauthnCredentialCreationOptions", alias="@odata.type")
    challenge_timeout_date_time: Moment
    public_key: dict[str, Any]


class SentCredentialResponse(Sent):
    """What the authenticator answered."""

    echoed: ClassVar[frozenset[str]] = frozenset({"authenticatorData", "publicKey", "publicKeyAlgorithm"})
    client_data_json: str = Field(alias="clientDataJSON", max_length=20_000)
    attestation_object: str = Field(max_length=60_000)
    transports: list[str] | None = None


class SentCredential(Sent):
    """A new credential in WebAuthn's JSON."""

    echoed: ClassVar[frozenset[str]] = frozenset({"authenticatorAttachment"})
    id: str = Field(max_length=2000)
    raw_id: str | None = None
    type: str | None = None
    response: SentCredentialResponse
    client_extension_results: dict[str, Any] | None = None


class SentFido2(Sent):
    """A passkey to register for somebody."""

    graph_name = "fido2AuthenticationMethod"
    echoed: ClassVar[frozenset[str]] = frozenset(
        {"id", "createdDateTime", "aaGuid", "model", "attestationCertificates", "attestationLevel", "passkeyType"}
    )
    display_name: str | None = Field(default=None, max_length=256)
    public_key_credential: SentCredential


class PasswordReset(Shape):
    """A password that was made for somebody: answered once, and kept nowhere."""

    graph_name = "passwordResetResponse"
    is_complex = True
    new_password: str


class SentReset(Sent):
    """A request to reset a password."""

    new_password: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_fine(cls, sent: object) -> object:
        return {} if sent is None else sent
