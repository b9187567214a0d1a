"""What people are told of, and what became of it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """``concern:what happened``. Those to a person first, then those to administrators."""

    PASS_ISSUED = "pass:issued", _("Pass issued")
    PASS_STARTS = "pass:starts", _("Scheduled pass starts")
    PASS_USED = "pass:used", _("Pass used")
    PASS_DELETED = "pass:deleted", _("Pass deleted")
    PASS_UNUSED = "pass:ended_unused", _("Pass ended unused")
    PASSES_UNUSED = "pass:unused", _("Passes ended unused")
    PASSKEY_ADDED = "passkey:added", _("Passkey added")
    PASSKEY_REMOVED = "passkey:removed", _("Passkey removed")
    PASSWORD_SET = "password:set", _("Password set")
    PASSWORD_RESET = "password:reset", _("Password reset by an administrator")
    REREGISTRATION = "methods:reregistration", _("All passkeys removed")
    POLICY_CHANGED = "admins:policy_changed", _("Policy changed")
    WRONG_PASSES = "admins:wrong_passes", _("Repeated wrong passes")
    ADMIN_PASS = "admins:admin_pass", _("Pass on an administrator's account")
    REPORTED = "admins:reported", _("Somebody reported: “That was not me”")

    @property
    def can_be_denied(self) -> bool:
        """True where the person may answer that it was not he."""
        return self in DENIABLE


DENIABLE = frozenset(
    {
        Kind.PASS_ISSUED,
        Kind.PASS_STARTS,
        Kind.PASS_USED,
        Kind.PASS_DELETED,
        Kind.PASSKEY_ADDED,
        Kind.PASSKEY_REMOVED,
        Kind.PASSWORD_SET,
        Kind.PASSWORD_RESET,
        Kind.REREGISTRATION,
    }
)


class Outcome(TextChoices):
    """What became of the mail."""

    WAITING = "", _("Waiting")
    SENT = "sent", _("Sent")
    NO_ADDRESS = "no_address", _("Nobody has an address")
    GIVEN_UP = "given_up", _("Given up")
