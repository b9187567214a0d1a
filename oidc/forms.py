"""What is typed on the pages of the provider and of app registrations. The rules are the actions'; a form only parses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oidc.actions import Addresses
from oidc.enums import Permission, PermissionKind
from oidc.models import Application
from oidc.rules import LONGEST_REDIRECT
from oidc.scopes import KINDS

LONGEST_TYPED = 64
LONGEST_NAME = 120
LONGEST_LIST = 20 * LONGEST_REDIRECT
NAME_ERRORS = {
    "required": _("Enter a name."),
    "max_length": _("The name is too long. Use up to 120 characters."),
}
LIST_ERRORS = {"max_length": _("That is too much. Twenty addresses should do.")}


class DeviceCodeForm(forms.Form):
    """The code a device shows."""

    code = forms.CharField(
        label=_("Code"),
        max_length=LONGEST_TYPED,
        error_messages={
            "required": _("Enter the code that your device shows."),
            "max_length": _("That is too long for a code. It has eight letters."),
        },
    )


class RegisterForm(forms.Form):
    """A new application."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, error_messages=NAME_ERRORS)
    kind = forms.ChoiceField(
        label=_("Where it runs"),
        choices=[
            (Application.CLIENT_CONFIDENTIAL, _("On a server, where it can keep a secret")),
            (Application.CLIENT_PUBLIC, _("On people's own machines, where it can't")),
        ],
        initial=Application.CLIENT_CONFIDENTIAL,
        error_messages={"required": _("Choose where it runs."), "invalid_choice": _("Choose where it runs.")},
    )
    redirect_uris = forms.CharField(
        label=_("Redirect address"),
        max_length=LONGEST_REDIRECT,
        required=False,
        error_messages={"max_length": _("The address is too long. Use up to 500 characters.")},
    )


class AddressesForm(forms.Form):
    """Where an application may be answered."""

    redirect_uris = forms.CharField(
        label=_("Redirect addresses"),
        max_length=LONGEST_LIST,
        required=False,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        error_messages=LIST_ERRORS,
    )
    post_logout_redirect_uris = forms.CharField(
        label=_("Addresses after signing out"),
        max_length=LONGEST_LIST,
        required=False,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        error_messages=LIST_ERRORS,
    )
    logout_uri = forms.CharField(
        label=_("Where to tell of signing out"),
        max_length=LONGEST_REDIRECT,
        required=False,
        error_messages={"max_length": _("The address is too long. Use up to 500 characters.")},
    )
    allows_device_code = forms.BooleanField(label=_("Sign-in on devices"), required=False)

    @staticmethod
    def shown(application: Application) -> dict[str, Any]:
        """Return what the form shows of an application: an address a line."""
        return {
            "redirect_uris": "\n".join(application.redirect_uris.split()),
            "post_logout_redirect_uris": "\n".join(application.post_logout_redirect_uris.split()),
            "logout_uri": application.logout_uri,
            "allows_device_code": application.allows_device_code,
        }

    @property
    def addresses(self) -> Addresses:
        """Return what was typed."""
        cleaned = self.cleaned_data
        return Addresses(
            redirect_uris=tuple(cleaned["redirect_uris"].split()),
            post_logout_redirect_uris=tuple(cleaned["post_logout_redirect_uris"].split()),
            logout_uri=cleaned["logout_uri"],
            allows_device_code=cleaned["allows_device_code"],
        )


class SecretForm(forms.Form):
    """A new secret."""

    name = forms.CharField(
        label=_("What it is for"), max_length=LONGEST_NAME, required=False, error_messages=NAME_ERRORS
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=[(30, _("30 days")), (180, _("180 days")), (365, _("1 year")), (730, _("2 years"))],
        initial=180,
        error_messages={"required": _("Choose how long."), "invalid_choice": _("Choose how long.")},
    )


class PermissionForm(forms.Form):
    """A permission an application is to ask for."""

    permission = forms.ChoiceField(
        label=_("Permission"),
        error_messages={"required": _("Choose a permission."), "invalid_choice": _("Choose a permission.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permission"].choices = [  # type: ignore[attr-defined]
            (kind.label, [(f"{kind}:{one}", f"{one.value}: {one.label}") for one in KINDS[kind]])
            for kind in PermissionKind
        ]

    @property
    def chosen(self) -> tuple[PermissionKind, Permission]:
        """Return what was chosen."""
        kind, _colon, name = self.cleaned_data["permission"].partition(":")
        return PermissionKind(kind), Permission(name)
