"""The names of what happened. ``docs/audit-events.md`` lists each; a test keeps the two in step."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Event(TextChoices):
    """``concern:thing:happened``, in the past tense. ``audit.activities`` says what each is to readers."""

    PASS_ISSUED = "tap:pass:issued"
    PASS_VIEWED = "tap:pass:viewed"
    PASS_DELETED = "tap:pass:deleted"
    PASS_USED = "tap:pass:used"
    PASS_REFUSED = "tap:pass:refused"
    PASS_LOCKED = "tap:pass:locked"
    PASS_EXPIRED = "tap:pass:expired"
    TAP_POLICY_CHANGED = "tap:policy:changed"
    TAP_POLICY_RESET = "tap:policy:reset"
    PASSKEY_STARTED = "authmethods:passkey:started"
    PASSKEY_REGISTERED = "authmethods:passkey:registered"
    PASSKEY_NOT_REGISTERED = "authmethods:passkey:not_registered"
    PASSKEY_REFUSED = "authmethods:passkey:refused"
    PASSKEY_RENAMED = "authmethods:passkey:renamed"
    PASSKEY_DELETED = "authmethods:passkey:deleted"
    PASSKEY_USED = "authmethods:passkey:used"
    PASSWORD_CHANGED = "authmethods:password:changed"
    PASSWORD_USED = "authmethods:password:used"
    PASSWORD_REFUSED = "authmethods:password:refused"
    REREGISTRATION_REQUIRED = "authmethods:user:reregistration_required"
    ATTEMPTS_LIMITED = "signin:attempts:limited"
    SIGNED_IN = "signin:session:started"
    SIGNED_OUT = "signin:session:ended"
    SESSIONS_REVOKED = "accounts:sessions:revoked"
    ACCESS_DENIED = "accounts:access:denied"
    LOG_EXPORTED = "audit:log:exported"
    LOG_PRUNED = "audit:log:pruned"


class Outcome(TextChoices):
    """How it went."""

    SUCCESS = "success", _("Success")
    FAILURE = "failure", _("Failure")
    DENIED = "denied", _("Denied")


class Category(TextChoices):
    """What an activity is about, in Graph's words."""

    USER_MANAGEMENT = "UserManagement"
    GROUP_MANAGEMENT = "GroupManagement"
    ROLE_MANAGEMENT = "RoleManagement"
    APPLICATION_MANAGEMENT = "ApplicationManagement"
    DIRECTORY_MANAGEMENT = "DirectoryManagement"
    AUTHENTICATION = "Authentication"
    AUTHORIZATION = "Authorization"


class Operation(TextChoices):
    """What an activity does, in Graph's words."""

    ADD = "Add"
    UPDATE = "Update"
    DELETE = "Delete"
    OTHER = "Other"
