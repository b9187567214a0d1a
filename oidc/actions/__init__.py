"""Changes to app registrations and tokens. Each checks the right, writes, and records the event in one transaction."""

from oidc.actions.devices import find, let_in, poll, start, turn_away, waiting
from oidc.actions.grants import agree, end_family, issue, keep_code, person_claims, refuse
from oidc.actions.operator import issue_for_application, issue_for_person, rotate_keys
from oidc.actions.registrations import consent_for_everybody, register, request_permissions

__all__ = [
    "agree",
    "consent_for_everybody",
    "end_family",
    "find",
    "issue",
    "issue_for_application",
    "issue_for_person",
    "keep_code",
    "let_in",
    "person_claims",
    "poll",
    "refuse",
    "register",
    "request_permissions",
    "rotate_keys",
    "start",
    "turn_away",
    "waiting",
]
