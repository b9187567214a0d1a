"""Passes, passkeys and sign-in sessions: what stands in them but nothing that opens anything."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SessionEnd
from authmethods.authenticators import model_name
from core import clock
from core.templatetags.ui.parts import pill
from core.text import Text
from core.wording import device, duration
from support.columns import column, link, with_reason
from support.register import Register
from support.rooms import SIGN_IN
from tap.models import TemporaryAccessPass
from tap.queries import states_of_listed
from tap.rules import State
from tap.wording import pill as pill_of
from tap.wording import why


def told_state(issued: TemporaryAccessPass, state: State | None) -> SafeString:
    """Return the state of a pass as its pill and the reason; ``state`` of one that is open."""
    if state is None or issued.deleted_at is not None:
        return pill(gettext("Deleted") if issued.deleted_at is not None else gettext("Replaced"))
    return with_reason(*pill_of(state), why(issued, state))


def _session_end(session: Any) -> Text:
    return SessionEnd(session.revoked_reason).label if session.revoked_at else ""


def _session_state(session: Any) -> SafeString:
    if session.revoked_at:
        return with_reason(gettext("Ended"), "", _session_end(session))
    return pill(gettext("Signed in"), "ok") if session.ends_at > clock.now() else pill(gettext("Ended"))


PASS_COLUMNS = (
    column(_("Starts"), lambda issued: issued.starts_at),
    column(_("Ends"), lambda issued: issued.ends_at),
    column(_("Use"), lambda issued: gettext("One-time") if issued.is_usable_once else gettext("Multiple use")),
    column(_("Issued by"), lambda issued: issued.issuer_name),
    column(_("State"), lambda issued: issued.told),
)
PASSKEY_COLUMNS = (
    column(_("Passkey"), lambda passkey: passkey.name),
    column(_("Model"), lambda passkey: model_name(passkey.aaguid)),
    column(_("Added"), lambda passkey: passkey.created_at),
    column(_("Last used"), lambda passkey: passkey.last_used_at),
)
SESSION_COLUMNS = (
    column(_("Signed in"), lambda session: session.authenticated_at),
    column(_("Method"), lambda session: session.get_method_display()),
    column(_("Device"), lambda session: device(session.user_agent)),
    column(_("Address"), lambda session: session.address),
    column(_("Ends"), lambda session: session.revoked_at or session.ends_at),
    column(_("State"), _session_state),
)


class PassRegister(Register):
    """The passes people have."""

    key, title, icon = "passes", _("Temporary Access Passes"), "ticket"
    room = SIGN_IN
    about = _("The passes people have, whatever their state. Codes are kept nowhere.")
    keyset = ("-ends_at", "id")
    by_person = "user_id"
    related = ("user",)
    columns = (column(_("Person"), lambda issued: issued.user.display_name), *PASS_COLUMNS)
    facts = (
        column(_("Person"), lambda issued: link(issued.user)),
        column(_("State"), lambda issued: issued.told),
        column(_("Starts"), lambda issued: issued.starts_at),
        column(_("Ends"), lambda issued: issued.ends_at),
        column(_("Lifetime"), lambda issued: duration(issued.lifetime_in_minutes)),
        column(_("Use"), lambda issued: gettext("One-time") if issued.is_usable_once else gettext("Multiple use")),
        column(_("Issued by"), lambda issued: issued.issuer_name),
        column(_("Issued"), lambda issued: issued.created_at),
        column(_("Reason"), lambda issued: issued.reason),
        column(_("First used"), lambda issued: issued.first_used_at),
        column(_("Last used"), lambda issued: issued.last_used_at),
        column(_("Last used from"), lambda issued: issued.last_used_from),
        column(_("Sign-ins"), lambda issued: issued.use_count),
        column(_("Locked"), lambda issued: issued.locked_at),
        column(_("Deleted"), lambda issued: issued.deleted_at),
        column(_("Id"), lambda issued: issued.id),
    )

    def name_of(self, row: Any) -> Text:
        """Name it after its person."""
        return gettext("Temporary Access Pass of %(name)s") % {"name": row.user.display_name}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """List the open ones; the others stand on the pages of their people."""
        return super().get_search_results(request, queryset.open(), search_term)  # type: ignore[attr-defined]

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Judge every pass of the page at once."""
        states = states_of_listed(
            [row for row in rows if not row.deleted_at and not row.replaced_by_id], now=clock.now()
        )
        for row in rows:
            row.told = told_state(row, states.get(row.id))


class PasskeyRegister(Register):
    """Passkeys by name and model. Keys and credential ids are not shown."""

    key, title, icon = "passkeys", _("Passkeys"), "passkey"
    room = SIGN_IN
    about = _("Which passkeys people registered, and when they were used.")
    keyset = ("-created_at", "id")
    by_person = "user_id"
    related = ("user",)
    columns = (column(_("Person"), lambda passkey: passkey.user.display_name), *PASSKEY_COLUMNS[1:])
    facts = (
        column(_("Person"), lambda passkey: link(passkey.user)),
        column(_("Name"), lambda passkey: passkey.name),
        *PASSKEY_COLUMNS[1:],
        column(_("Model is proved"), lambda passkey: passkey.is_attested),
        column(_("Synced between devices"), lambda passkey: passkey.is_backed_up),
        column(_("Registered with a pass"), lambda passkey: passkey.registered_with_pass_id is not None),
        column(_("Id"), lambda passkey: passkey.id),
    )


class SessionRegister(Register):
    """Where people are and were signed in."""

    key, title, icon = "sessions", _("Sign-in sessions"), "laptop"
    room = SIGN_IN
    about = _("Where people are signed in and were, and why it ended. Search for a person first.")
    keyset = ("-authenticated_at", "id")
    by_person = "user_id"
    is_only_searched = True
    related = ("user",)
    columns = (column(_("Person"), lambda session: session.user.display_name), *SESSION_COLUMNS)
    facts = (
        column(_("Person"), lambda session: link(session.user)),
        SESSION_COLUMNS[-1],
        *SESSION_COLUMNS[:4],
        column(_("Browser"), lambda session: session.user_agent),
        column(_("Last seen"), lambda session: session.last_seen_at),
        column(_("Ends by itself"), lambda session: session.ends_at),
        column(_("Time to register a method ends"), lambda session: session.registration_ends_at),
        column(_("Ended"), lambda session: session.revoked_at),
        column(_("Id"), lambda session: session.id),
    )

    def name_of(self, row: Any) -> Text:
        """Name it after its person."""
        return gettext("Sign-in of %(name)s") % {"name": row.user.display_name}
