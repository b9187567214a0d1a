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
    PASSKEY_POLICY_CHANGED = "authmethods:passkey_policy:changed"
    PASSKEY_POLICY_RESET = "authmethods:passkey_policy:reset"
    PASSWORD_CHANGED = "authmethods:password:changed"
    PASSWORD_USED = "authmethods:password:used"
    PASSWORD_REFUSED = "authmethods:password:refused"
    REREGISTRATION_REQUIRED = "authmethods:user:reregistration_required"
    ATTEMPTS_LIMITED = "signin:attempts:limited"
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
    USER_CREATED = "accounts:user:created"
    USER_UPDATED = "accounts:user:updated"
    USER_ENABLED = "accounts:user:enabled"
    USER_DISABLED = "accounts:user:disabled"
    USER_DELETED = "accounts:user:deleted"
    USER_RESTORED = "accounts:user:restored"
    USER_ERASED = "accounts:user:erased"
    USERS_EXPORTED = "accounts:users:exported"
    IMPORT_STARTED = "accounts:import:started"
    IMPORT_FINISHED = "accounts:import:finished"
    GROUP_CREATED = "accounts:group:created"
    GROUP_UPDATED = "accounts:group:updated"
    GROUP_DELETED = "accounts:group:deleted"
    MEMBER_ADDED = "accounts:group:member_added"
    MEMBER_REMOVED = "accounts:group:member_removed"
    ROLE_ASSIGNED = "accounts:role:assigned"
    ROLE_REMOVED = "accounts:role:removed"
    TENANT_CREATED = "accounts:tenant:created"
    TENANT_CONFIGURED = "accounts:tenant:configured"
    DOMAIN_ADDED = "accounts:domain:added"
    DOMAIN_VERIFIED = "accounts:domain:verified"
    DOMAIN_MADE_DEFAULT = "accounts:domain:made_default"
    DOMAIN_REMOVED = "accounts:domain:removed"
    APPLICATION_REGISTERED = "oidc:application:registered"
    APPLICATION_CHANGED = "oidc:application:changed"
    APPLICATION_DELETED = "oidc:application:deleted"
    SECRET_ADDED = "oidc:secret:added"
    SECRET_DELETED = "oidc:secret:deleted"
    PERMISSIONS_CHANGED = "oidc:permissions:changed"
    CONSENT_WITHDRAWN = "oidc:consent:withdrawn"
    CONSENT_GRANTED = "oidc:consent:granted"
    CONSENT_REFUSED = "oidc:consent:refused"
    DEVICE_APPROVED = "oidc:device:approved"
    DEVICE_REFUSED = "oidc:device:refused"
    TOKENS_REVOKED = "oidc:tokens:revoked"
    TOKEN_ISSUED = "oidc:token:issued"
    KEYS_ROTATED = "oidc:keys:rotated"
    ACCESS_DENIED = "accounts:access:denied"
    LOG_EXPORTED = "audit:log:exported"
    LOG_PRUNED = "audit:log:pruned"
    BACKUP_MADE = "config:backup:made"
    BACKUP_RESTORED = "config:backup:restored"


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
