"""What people are told of, and what became of it."""

from django.db.models import TextChoices


class Kind(TextChoices):
    """``concern:what happened``. Those to a person first, then those to administrators."""

    PASS_ISSUED = "pass:issued", "pass issued"
    PASS_STARTS = "pass:starts", "scheduled pass starts"
    PASS_USED = "pass:used", "pass used"
    PASS_DELETED = "pass:deleted", "pass deleted"
    PASSES_UNUSED = "pass:unused", "passes ended unused"
    PASSKEY_ADDED = "passkey:added", "passkey added"
    PASSKEY_REMOVED = "passkey:removed", "passkey removed"
    PASSWORD_SET = "password:set", "password set"
    PASSWORD_RESET = "password:reset", "password reset by an administrator"
    REREGISTRATION = "methods:reregistration", "all passkeys removed"
    POLICY_CHANGED = "admins:policy_changed", "policy changed"
    WRONG_PASSES = "admins:wrong_passes", "repeated wrong passes"
    ADMIN_PASS = "admins:admin_pass", "pass on an administrator's account"
    REPORTED = "admins:reported", "somebody reported that it was not him"

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
    }
)


class Outcome(TextChoices):
    """What became of the mail."""

    WAITING = "", "waiting"
    SENT = "sent", "sent"
    NO_ADDRESS = "no_address", "nobody has an address"
    GIVEN_UP = "given_up", "given up"
