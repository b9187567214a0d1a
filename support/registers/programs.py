"""App registrations, without their secrets."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from support.columns import Section, column, enabled
from support.register import Register
from support.rooms import ORGANISATION

PERMISSIONS = (
    column(_("Permission"), lambda one: one.name),
    column(_("Kind"), lambda one: one.get_kind_display()),
    column(_("Given to everybody"), lambda one: one.consented_at),
    column(_("Given by"), lambda one: one.consented_by_name),
)
SECRETS = (
    column(_("Name"), lambda secret: secret.name),
    column(_("Created"), lambda secret: secret.created_at),
    column(_("Ends"), lambda secret: secret.expires_at),
)


class ApplicationRegister(Register):
    """Programs that may ask for tokens."""

    key, title, icon = "applications", _("App registrations"), "key"
    room = ORGANISATION
    about = _("Which programs may ask for tokens, and what they were given.")
    keyset = ("name", "id")
    columns = (
        column(_("Name"), lambda app: app.name),
        column(_("Application id"), lambda app: app.client_id),
        column(_("State"), lambda app: enabled(app.is_enabled)),
    )
    facts = (
        *columns[1:],
        column(_("Proves itself with a secret"), lambda app: app.is_confidential),
        column(_("Signs in devices by code"), lambda app: app.allows_device_code),
        column(_("Redirect addresses"), lambda app: "\n".join(app.redirect_uris.split())),
        column(_("After sign-out"), lambda app: "\n".join(app.post_logout_redirect_uris.split())),
        column(_("Told of sign-outs at"), lambda app: app.logout_uri),
    )

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Section]:
        """Show permissions, and of secrets when they end."""
        permissions = row.permissions.order_by("kind", "name")
        secrets = row.secrets.order_by("-expires_at").only("name", "created_at", "expires_at", "application_id")
        return [
            Section(_("Permissions"), PERMISSIONS, list(permissions), gettext("It asks for none.")),
            Section(_("Secrets"), SECRETS, list(secrets), gettext("It has none.")),
        ]
