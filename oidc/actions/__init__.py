"""Changes to app registrations and tokens. Each checks the right, writes, and records the event in one transaction."""

from oidc.actions.consents import (
    agree,
    consent_for_everybody,
    refuse,
    remove_permission,
    request_permissions,
    withdraw_consents,
)
from oidc.actions.devices import find, let_in, poll, start, turn_away, waiting
from oidc.actions.ending import forget_old, tell_of_ended
from oidc.actions.grants import end_family, issue, keep_code, person_claims
from oidc.actions.operator import issue_for_application, issue_for_person, rotate_keys
from oidc.actions.registrations import (
    Addresses,
    Made,
    add_secret,
    change_addresses,
    delete,
    delete_secret,
    register,
    set_enabled,
)

__all__ = [
    "Addresses",
    "Made",
    "add_secret",
    "agree",
    "change_addresses",
    "consent_for_everybody",
    "delete",
    "delete_secret",
    "end_family",
    "find",
    "forget_old",
    "issue",
    "issue_for_application",
    "issue_for_person",
    "keep_code",
    "let_in",
    "person_claims",
    "poll",
    "refuse",
    "register",
    "remove_permission",
    "request_permissions",
    "rotate_keys",
    "set_enabled",
    "start",
    "tell_of_ended",
    "turn_away",
    "waiting",
    "withdraw_consents",
]
