"""What each event is to its readers: Graph's activity, the words of the log, and what its person is told. One table."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from audit.enums import Category, Event, Operation
from core.text import Text


@dataclass(frozen=True)
class Activity:
    """``name``, ``category``, ``operation`` and ``reason`` are Graph's and never translated; the rest is for people.

    ``own_name`` and ``own_reason`` stand where somebody did it to himself, if Graph tells that apart. ``told`` is the
    sentence in the person's own Recent activity; without one the event is not shown there.
    """

    name: str
    words: Text
    reason: str = ""
    told: Text = ""
    category: Category = Category.USER_MANAGEMENT
    operation: Operation = Operation.OTHER
    own_name: str = ""
    own_reason: str = ""
    is_sign_in: bool = False

    def name_for(self, *, is_own: bool) -> str:
        """Return Graph's name of the activity."""
        return self.own_name if is_own and self.own_name else self.name

    def reason_for(self, *, is_own: bool) -> str:
        """Return Graph's reason of its success."""
        return self.own_reason if is_own and self.own_reason else self.reason


def _policy(name: str, words: Text, operation: Operation = Operation.UPDATE) -> Activity:
    return Activity(name, words, category=Category.APPLICATION_MANAGEMENT, operation=operation)


def _user(name: str, words: Text, operation: Operation = Operation.UPDATE, *, told: Text = "") -> Activity:
    return Activity(name, words, told=told, operation=operation)


def _group(name: str, words: Text, operation: Operation = Operation.UPDATE) -> Activity:
    return Activity(name, words, category=Category.GROUP_MANAGEMENT, operation=operation)


def _role(name: str, words: Text, operation: Operation, told: Text) -> Activity:
    return Activity(name, words, told=told, category=Category.ROLE_MANAGEMENT, operation=operation)


def _directory(name: str, words: Text, operation: Operation = Operation.UPDATE) -> Activity:
    return Activity(name, words, category=Category.DIRECTORY_MANAGEMENT, operation=operation)


def _sign_in(words: Text, told: Text) -> Activity:
    return Activity("Sign-in activity", words, told=told, category=Category.AUTHENTICATION, is_sign_in=True)


def _session(name: str, words: Text, told: Text = "") -> Activity:
    return Activity(name, words, told=told, category=Category.AUTHENTICATION)


ADDED, CHANGED, REMOVED = (
    "Admin registered security info",
    "Admin updated security info",
    "Admin deleted security info",
)
SECRETS = "Update application – Certificates and secrets management"
OWN_ADDED, OWN_CHANGED, OWN_REMOVED = (
    "User registered security info",
    "User changed default security info",
    "User deleted security info",
)

# Monitoring rules match the names and reasons of the first lines letter by letter: they are the original's.
ACTIVITIES: Mapping[Event, Activity] = {
    Event.PASS_ISSUED: Activity(
        ADDED,
        _("Create Temporary Access Pass"),
        "Admin registered temporary access pass method for user",
        _("A Temporary Access Pass was created for you"),
        operation=Operation.ADD,
    ),
    Event.PASS_DELETED: Activity(
        REMOVED,
        _("Delete Temporary Access Pass"),
        "Admin deleted temporary access pass method for user",
        _("Your Temporary Access Pass was deleted"),
        operation=Operation.DELETE,
        own_name=OWN_REMOVED,
        own_reason="User deleted temporary access pass method",
    ),
    Event.TAP_POLICY_CHANGED: _policy(
        "Authentication Methods Policy Update", _("Update Temporary Access Pass policy")
    ),
    Event.TAP_POLICY_RESET: _policy("Authentication Methods Policy Reset", _("Reset Temporary Access Pass policy")),
    Event.PASSKEY_STARTED: Activity(
        "Get passkey creation options",
        _("Start adding a passkey"),
        "Admin started passkey registration",
        _("Adding a passkey began"),
        own_name="User started security info registration",
        own_reason="User started passkey registration",
    ),
    Event.PASSKEY_REGISTERED: Activity(
        ADDED,
        _("Register passkey"),
        "Admin registered passkey method for user",
        _("You added a passkey"),
        operation=Operation.ADD,
        own_name=OWN_ADDED,
        own_reason="User registered passkey method",
    ),
    Event.PASSKEY_NOT_REGISTERED: Activity(
        ADDED,
        _("Register passkey"),
        told=_("A passkey could not be added"),
        operation=Operation.ADD,
        own_name=OWN_ADDED,
    ),
    Event.PASSKEY_RENAMED: Activity(
        CHANGED,
        _("Rename passkey"),
        "Admin updated passkey method for user",
        _("You renamed a passkey"),
        operation=Operation.UPDATE,
        own_name=OWN_CHANGED,
        own_reason="User updated passkey method",
    ),
    Event.PASSKEY_DELETED: Activity(
        REMOVED,
        _("Delete passkey"),
        "Admin deleted passkey method for user",
        _("A passkey was deleted"),
        operation=Operation.DELETE,
        own_name=OWN_REMOVED,
        own_reason="User deleted passkey method",
    ),
    Event.PASSWORD_CHANGED: Activity(
        "Change user password",
        _("Change password"),
        "User changed password",
        _("Your password was set or changed"),
        operation=Operation.UPDATE,
    ),
    Event.PASSWORD_RESET: Activity(
        "Reset user password",
        _("Reset password"),
        "Admin reset password for user",
        _("An administrator reset your password"),
        operation=Operation.UPDATE,
    ),
    Event.REREGISTRATION_REQUIRED: Activity(
        REMOVED,
        _("Require re-registration"),
        "Admin required user to register security info again",
        _("An administrator removed your passkeys; register again"),
        operation=Operation.DELETE,
    ),
    Event.PASS_VIEWED: Activity("Admin viewed temporary access pass", _("View Temporary Access Pass")),
    Event.PASS_LOCKED: Activity(
        "Temporary access pass locked",
        _("Lock Temporary Access Pass"),
        told=_("Your Temporary Access Pass was locked after too many wrong attempts"),
        operation=Operation.UPDATE,
    ),
    Event.PASS_EXPIRED: Activity(
        "Temporary access pass expired",
        _("Expire Temporary Access Pass"),
        told=_("Your Temporary Access Pass ended"),
        operation=Operation.UPDATE,
    ),
    Event.PASS_USED: _session(
        "Temporary access pass used", _("Use Temporary Access Pass"), _("Your Temporary Access Pass was used")
    ),
    Event.PASSKEY_USED: _session("Passkey used", _("Use passkey"), _("A passkey was used")),
    Event.PASSWORD_USED: _session("Password used", _("Use password"), _("Your password was used")),
    Event.SIGNED_IN: _sign_in(_("Sign in"), _("You signed in")),
    Event.PASS_REFUSED: _sign_in(
        _("Sign in with Temporary Access Pass"), _("A Temporary Access Pass was refused")
    ),
    Event.PASSKEY_REFUSED: _sign_in(_("Sign in with passkey"), _("A passkey was refused")),
    Event.PASSWORD_REFUSED: _sign_in(_("Sign in with password"), _("A password was refused")),
    Event.ATTEMPTS_LIMITED: _sign_in(_("Slow down attempts"), _("Too many attempts; the next ones had to wait")),
    Event.SIGNED_OUT: _session("Sign-out activity", _("Sign out"), _("You signed out")),
    Event.SESSIONS_REVOKED: Activity(
        "Revoke sign-in sessions",
        _("End sessions"),
        "Admin revoked sign-in sessions of user",
        _("Sessions were ended"),
        operation=Operation.UPDATE,
        own_reason="User revoked own sign-in sessions",
    ),
    Event.PASSKEY_POLICY_CHANGED: _policy("Authentication Methods Policy Update", _("Update passkey policy")),
    Event.PASSKEY_POLICY_RESET: _policy("Authentication Methods Policy Reset", _("Reset passkey policy")),
    Event.CAMPAIGN_CHANGED: _policy("Authentication Methods Policy Update", _("Update registration campaign")),
    Event.REGISTRATION_SKIPPED: _session(
        "User skipped security info registration", _("Skip registration"), _("You skipped adding a sign-in method")
    ),
    # the directory
    Event.USER_CREATED: _user("Add user", _("Create user"), Operation.ADD),
    Event.USER_UPDATED: _user("Update user", _("Update user")),
    Event.USER_ENABLED: _user("Enable account", _("Enable account"), told=_("Your account was enabled")),
    Event.USER_DISABLED: _user("Disable account", _("Disable account"), told=_("Your account was disabled")),
    Event.USER_DELETED: _user("Delete user", _("Delete user"), Operation.DELETE),
    Event.USER_RESTORED: _user("Restore user", _("Restore user"), told=_("Your account was restored")),
    Event.USER_ERASED: _user("Hard Delete user", _("Erase user"), Operation.DELETE),
    Event.USERS_EXPORTED: _user("Download users", _("Download the list of people"), Operation.OTHER),
    Event.IMPORT_STARTED: _user("Bulk create users started", _("Start importing people"), Operation.ADD),
    Event.IMPORT_FINISHED: _user("Bulk create users finished", _("Finish importing people"), Operation.ADD),
    Event.GROUP_CREATED: _group("Add group", _("Create group"), Operation.ADD),
    Event.GROUP_UPDATED: _group("Update group", _("Update group")),
    Event.GROUP_DELETED: _group("Delete group", _("Delete group"), Operation.DELETE),
    Event.MEMBER_ADDED: _group("Add member to group", _("Add member to group"), Operation.ADD),
    Event.MEMBER_REMOVED: _group("Remove member from group", _("Remove member from group"), Operation.DELETE),
    Event.ROLE_ASSIGNED: _role("Add member to role", _("Assign role"), Operation.ADD, _("You were given a role")),
    Event.ROLE_REMOVED: _role(
        "Remove member from role", _("Remove role"), Operation.DELETE, _("A role was taken from you")
    ),
    Event.TENANT_CREATED: _directory("Create company", _("Create organisation"), Operation.ADD),
    Event.TENANT_CONFIGURED: _directory("Set company information", _("Update settings")),
    Event.DOMAIN_ADDED: _directory("Add unverified domain", _("Add domain"), Operation.ADD),
    Event.DOMAIN_VERIFIED: _directory("Verify domain", _("Verify domain")),
    Event.DOMAIN_MADE_DEFAULT: _directory("Set default domain", _("Make domain the default")),
    Event.DOMAIN_REMOVED: _directory("Remove domain", _("Remove domain"), Operation.DELETE),
    # applications
    Event.APPLICATION_REGISTERED: _policy("Add application", _("Register application"), Operation.ADD),
    Event.APPLICATION_CHANGED: _policy("Update application", _("Update application")),
    Event.APPLICATION_DELETED: _policy("Delete application", _("Delete application"), Operation.DELETE),
    Event.SECRET_ADDED: _policy(SECRETS, _("Add client secret"), Operation.ADD),
    Event.SECRET_DELETED: _policy(SECRETS, _("Delete client secret"), Operation.DELETE),
    Event.PERMISSIONS_CHANGED: _policy("Update application permissions", _("Update permissions")),
    Event.CONSENT_GRANTED: _policy("Consent to application", _("Consent to application"), Operation.ADD),
    Event.CONSENT_REFUSED: _policy("Consent to application refused", _("Refuse consent"), Operation.OTHER),
    Event.CONSENT_WITHDRAWN: _policy("Remove consent to application", _("Withdraw consent"), Operation.DELETE),
    Event.DEVICE_APPROVED: _session("Device code approved", _("Let a device in"), _("You let a device in")),
    Event.DEVICE_REFUSED: _session("Device code refused", _("Refuse a device"), _("You refused a device")),
    Event.TOKENS_REVOKED: _session("Tokens revoked", _("End tokens"), _("Tokens were ended")),
    Event.TOKEN_ISSUED: _session("Token issued", _("Issue token")),
    Event.KEYS_ROTATED: _policy("Signing key rotated", _("Rotate signing key")),
    Event.BULK_STARTED: _user("Bulk temporary access pass issue started", _("Passes for many ordered"), Operation.ADD),
    Event.BULK_FINISHED: _user("Bulk temporary access pass issue finished", _("Passes for many made"), Operation.ADD),
    Event.BULK_HANDED_OVER: _user(
        "Bulk temporary access passes handed over", _("Passes for many handed over"), Operation.OTHER
    ),
    Event.BULK_UNDONE: _user(
        "Bulk temporary access pass issue undone", _("Unused passes of many deleted"), Operation.DELETE
    ),
    Event.NOT_ME_REPORTED: _user(
        "User reported activity as not his own",
        _("Reported by the person as not his own"),
        Operation.OTHER,
        told=_("You reported that it was not you"),
    ),
    Event.NOTICE_GIVEN_UP: _directory("Notice given up", _("Mail could not be sent"), Operation.OTHER),
    Event.NOTICES_CHANGED: _directory("Update notice recipients", _("Recipients of notices changed")),
    Event.ACCESS_DENIED: Activity("Access denied", _("Access denied"), category=Category.AUTHORIZATION),
    Event.LOG_EXPORTED: Activity(
        "Audit log exported", _("Download log"), category=Category.DIRECTORY_MANAGEMENT
    ),
    Event.LOG_PRUNED: Activity(
        "Audit log retention applied",
        _("Remove old events"),
        category=Category.DIRECTORY_MANAGEMENT,
        operation=Operation.DELETE,
    ),
    Event.BACKUP_MADE: _directory("Backup made", _("Make a backup"), Operation.OTHER),
    Event.BACKUP_RESTORED: _directory("Backup restored", _("Restore a backup"), Operation.OTHER),
}  # fmt: skip
TOLD = frozenset(event for event, activity in ACTIVITIES.items() if activity.told)
