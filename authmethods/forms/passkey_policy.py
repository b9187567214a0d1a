"""The tab Configure of the passkey policy: a draft that travels in the form until it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.drafts import LONGEST_QUERY, NUMBER
from authmethods.enums import KeyEnforcement
from authmethods.models import PasskeyPolicy
from authmethods.rules import read_aaguid

SWITCHES = ("is_self_service_allowed", "is_attestation_enforced", "is_key_restricted")


@dataclass(frozen=True)
class PasskeyDraft:
    """What the page shows and Save would store: nothing of it is in the database before that."""

    version: int
    is_self_service_allowed: bool
    is_attestation_enforced: bool
    is_key_restricted: bool
    enforcement: str
    aaguids: tuple[str, ...]
    query: str = ""

    @classmethod
    def stored(cls, policy: PasskeyPolicy) -> "PasskeyDraft":
        """Begin with what is stored."""
        return cls(
            version=policy.version,
            is_self_service_allowed=policy.is_self_service_allowed,
            is_attestation_enforced=policy.is_attestation_enforced,
            is_key_restricted=policy.is_key_restricted,
            enforcement=policy.enforcement,
            aaguids=tuple(policy.aaguids),
        )

    @classmethod
    def posted(cls, data: Mapping[str, str]) -> "PasskeyDraft":
        """Read what a form sends. Whatever no page of ours sends is left out."""
        version, enforcement = data.get("version", ""), data.get("enforcement", "")
        return cls(
            version=int(version) if NUMBER.fullmatch(version) else 0,
            is_self_service_allowed="is_self_service_allowed" in data,
            is_attestation_enforced="is_attestation_enforced" in data,
            is_key_restricted="is_key_restricted" in data,
            enforcement=enforcement if enforcement in KeyEnforcement.values else KeyEnforcement.BLOCK.value,
            aaguids=_aaguids(data.get("aaguids", "")),
            query=data.get("q", "")[:LONGEST_QUERY].replace("\x00", "").strip(),
        )

    def edited(self, data: Mapping[str, str]) -> "PasskeyDraft":
        """Return the draft after the button that was pressed: Add or Remove."""
        if "add" in data:
            return replace(self, aaguids=tuple(dict.fromkeys([*self.aaguids, *_aaguids(data["add"])])), query="")
        gone = _aaguids(data.get("remove", ""))
        return replace(self, aaguids=tuple(one for one in self.aaguids if one not in gone))

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings by field name."""
        switches = {name: getattr(self, name) for name in SWITCHES}
        return {**switches, "enforcement": self.enforcement, "aaguids": list(self.aaguids)}


class PasskeyPolicyForm(forms.Form):
    """Draws the switches of the tab; a draft fills it, and what is posted becomes a draft again."""

    is_self_service_allowed = forms.BooleanField(
        label=_("People set up passkeys themselves"),
        help_text=_("When off, nobody can add a passkey in Security info. Passkeys they have go on working."),
        required=False,
    )
    is_attestation_enforced = forms.BooleanField(
        label=_("Require attestation"),
        help_text=_(
            "A new passkey must prove its model with a certificate of its maker, and the model must not be known to be "
            "unsafe. Security keys and Windows Hello with a TPM can; passkeys that are synced between devices cannot. "
            "Passkeys that are registered already go on working."
        ),
        required=False,
    )
    is_key_restricted = forms.BooleanField(
        label=_("Restrict models"),
        help_text=_(
            "Applies to new passkeys and to every sign-in. Without attestation a passkey's own word is taken for its model."
        ),
        required=False,
    )
    enforcement = forms.ChoiceField(label=_("The models in the list"), choices=KeyEnforcement.choices)

    def __init__(self, draft: PasskeyDraft, *, is_read_only: bool) -> None:
        super().__init__(initial={"enforcement": draft.enforcement} | {name: getattr(draft, name) for name in SWITCHES})
        for field in self.fields.values():
            field.disabled = is_read_only


def _aaguids(text: str) -> tuple[str, ...]:
    read = (read_aaguid(word) for word in text.split())
    return tuple(dict.fromkeys(str(one) for one in read if one))
