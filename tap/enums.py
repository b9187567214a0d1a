"""The words of the pass."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.reasons import REASONS


class Usability(TextChoices):
    """Why a pass can or cannot be used. The first five are Graph's methodUsabilityReason; LOCKED is ours."""

    ONE_TIME_USED = "OneTimeUsed", _("Used")
    EXPIRED = "Expired", _("Expired")
    LOCKED = "Locked", _("Locked")
    DISABLED_BY_POLICY = "DisabledByPolicy", _("Disabled by policy")
    NOT_YET_VALID = "NotYetValid", _("Not yet valid")
    ENABLED_BY_POLICY = "EnabledByPolicy", _("Active")


class Block(TextChoices):
    """Which part of the policy disables a pass."""

    NONE = "", ""
    METHOD_OFF = "method_off", REASONS["method_off"]
    NOT_IN_SCOPE = "not_in_scope", REASONS["not_in_scope"]
    EXCLUDED = "excluded", REASONS["excluded"]
    ONE_TIME_REQUIRED = "one_time_required", REASONS["one_time_required"]
    ISSUER_RIGHTS = "issuer_rights", REASONS["issuer_rights"]


class Listing(TextChoices):
    """Where a pass stands in its life, as the lists of passes sort them; whether it works is Usability's to say."""

    LIVE = "live", _("Active")
    SCHEDULED = "scheduled", _("Scheduled")
    USED = "used", _("Used")
    EXPIRED = "expired", _("Expired")

    @property
    def order(self) -> tuple[str, str]:
        """Return the fields it is sorted by: what happens next, or happened last, first."""
        return {
            Listing.LIVE: ("ends_at", "id"),
            Listing.SCHEDULED: ("starts_at", "id"),
            Listing.USED: ("-first_used_at", "-id"),
            Listing.EXPIRED: ("-ends_at", "-id"),
        }[self]


class Check(StrEnum):
    """A rule that a sign-in with a pass must satisfy, in the order a person would ask."""

    ORGANISATION_ENABLED = "organisation_enabled"
    ACCOUNT_ENABLED = "account_enabled"
    SIGNS_IN_HERE = "signs_in_here"
    METHOD_ON = "method_on"
    INCLUDED = "included"
    NOT_EXCLUDED = "not_excluded"
    PASS_EXISTS = "pass_exists"
    ISSUER_MAY = "issuer_may"
    USES_ALLOWED = "uses_allowed"
    NOT_USED_UP = "not_used_up"
    NOT_LOCKED = "not_locked"
    STARTED = "started"
    NOT_ENDED = "not_ended"
    HEARD = "heard"


CHECKS_OF_PASS = (
    Check.ISSUER_MAY,
    Check.USES_ALLOWED,
    Check.NOT_USED_UP,
    Check.NOT_LOCKED,
    Check.STARTED,
    Check.NOT_ENDED,
)


class Verdict(StrEnum):
    """How a check turns out."""

    HOLDS = "holds"
    STOPS = "stops"
    OPEN = "open"  # there is no pass to ask it of
