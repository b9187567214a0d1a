"""Changes to app registrations and tokens. Each checks the right, writes, and records the event in one transaction."""

from oidc.actions.operator import issue_for_application, issue_for_person, rotate_keys
from oidc.actions.registrations import consent_for_everybody, register, request_permissions

__all__ = [
    "consent_for_everybody",
    "issue_for_application",
    "issue_for_person",
    "register",
    "request_permissions",
    "rotate_keys",
]
