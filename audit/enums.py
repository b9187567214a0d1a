"""The names of what happened. ``docs/audit-events.md`` lists each; a test keeps the two in step."""

from django.db.models import TextChoices


class Event(TextChoices):
    """``concern:thing:happened``, in the past tense."""

    PASS_ISSUED = "tap:pass:issued"
    PASS_DELETED = "tap:pass:deleted"
    PASS_USED = "tap:pass:used"
    PASS_REFUSED = "tap:pass:refused"
    PASS_LOCKED = "tap:pass:locked"
    TAP_POLICY_CHANGED = "tap:policy:changed"
    TAP_POLICY_RESET = "tap:policy:reset"
    PASSKEY_REGISTERED = "authmethods:passkey:registered"
    PASSKEY_REFUSED = "authmethods:passkey:refused"
    PASSKEY_RENAMED = "authmethods:passkey:renamed"
    PASSKEY_DELETED = "authmethods:passkey:deleted"
    PASSKEY_USED = "authmethods:passkey:used"
    PASSWORD_CHANGED = "authmethods:password:changed"
    PASSWORD_USED = "authmethods:password:used"
    PASSWORD_REFUSED = "authmethods:password:refused"
    REREGISTRATION_REQUIRED = "authmethods:user:reregistration_required"
    SIGNED_IN = "signin:session:started"
    SIGNED_OUT = "signin:session:ended"
    SESSIONS_REVOKED = "accounts:sessions:revoked"
    BULK_STARTED = "bulk:batch:started"
    BULK_FINISHED = "bulk:batch:finished"
    BULK_HANDED_OVER = "bulk:batch:handed_over"
    BULK_UNDONE = "bulk:batch:undone"
    NOT_ME_REPORTED = "authmethods:notice:denied"
    NOTICE_GIVEN_UP = "notices:mail:given_up"
    NOTICES_CHANGED = "notices:recipients:changed"
    APPLICATION_REGISTERED = "oidc:application:registered"
    CONSENT_GRANTED = "oidc:consent:granted"
    TOKEN_ISSUED = "oidc:token:issued"
    KEYS_ROTATED = "oidc:keys:rotated"
    ACCESS_DENIED = "accounts:access:denied"


class Outcome(TextChoices):
    """How it went."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"
