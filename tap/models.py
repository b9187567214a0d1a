"""The policy of a tenant and the passes of its people."""

import uuid
from datetime import datetime, timedelta

from django.db import connection, models
from django.db.models import F, Q

from accounts.authority import OPERATOR_NAME
from accounts.enums import Standing
from accounts.models import MethodPolicy, Tenant, User
from core.sql import time_parameter, uuid_parameters
from core.text import Text
from core.wording import OPERATOR

SHORTEST_LIFETIME, LONGEST_LIFETIME = 10, 43_200  # minutes
SHORTEST_CODE, LONGEST_CODE = 8, 48  # characters

CLOSED = Q(deleted_at__isnull=False) | Q(replaced_by__isnull=False)

CLAIM = """
UPDATE tap_temporaryaccesspass SET
    first_used_at = COALESCE(first_used_at, %s),
    last_used_at = %s,
    last_used_from = %s,
    use_count = use_count + 1,
    remnant = CASE WHEN is_usable_once THEN %s ELSE remnant END,
    verifier = CASE WHEN is_usable_once THEN '' ELSE verifier END
WHERE id = %s
    AND deleted_at IS NULL AND replaced_by_id IS NULL AND locked_at IS NULL
    AND (NOT is_usable_once OR first_used_at IS NULL)
    AND starts_at <= %s AND ends_at > %s
"""


class TapPolicy(MethodPolicy):
    """A tenant's Temporary Access Pass settings. Lifetimes in minutes."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="tap_policy")
    minimum_lifetime = models.PositiveIntegerField(default=60)
    maximum_lifetime = models.PositiveIntegerField(default=480)
    default_lifetime = models.PositiveIntegerField(default=60)
    is_usable_once = models.BooleanField(default=False)
    default_length = models.PositiveSmallIntegerField(default=8)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    minimum_lifetime__gte=SHORTEST_LIFETIME,
                    maximum_lifetime__lte=LONGEST_LIFETIME,
                    default_lifetime__gte=F("minimum_lifetime"),
                    default_lifetime__lte=F("maximum_lifetime"),
                ),
                name="tap_policy_lifetimes",
            ),
            models.CheckConstraint(
                condition=Q(default_length__range=(SHORTEST_CODE, LONGEST_CODE)), name="tap_policy_length"
            ),
        ]

    def __str__(self) -> str:
        return f"Temporary Access Pass policy of {self.tenant_id}"


class PassQuerySet(models.QuerySet["TemporaryAccessPass"]):
    """Sets of passes."""

    def open(self) -> "PassQuerySet":
        """Return the passes people have: not deleted, not replaced (used and expired ones stay listed until then)."""
        return self.filter(deleted_at__isnull=True, replaced_by__isnull=True)

    def history(self, before: datetime) -> "PassQuerySet":
        """Return the passes nobody has any more that would have ended ``before``, but for those that stand in for one.

        A pass that was replaced points to the next one, and without it would look open: so it goes first.
        """
        return self.filter(CLOSED, ends_at__lt=before, replaced__isnull=True).order_by("ends_at")

    def standing(self, now: datetime) -> "PassQuerySet":
        """Return the open passes that time, use or guessing have not ended: only the policy can still stop them."""
        used_up = Q(is_usable_once=True, first_used_at__isnull=False)
        return self.open().exclude(used_up).filter(ends_at__gt=now, locked_at__isnull=True)

    def claim(self, pass_id: uuid.UUID, *, remnant: str, address: str, now: datetime) -> bool:
        """Redeem a pass whose code was right: one conditional UPDATE, so one of many parallel redemptions of a one-time
        pass wins, and none of a pass that was deleted, replaced or locked meanwhile. True for the winner.
        """
        at, (key,) = time_parameter(now), uuid_parameters([pass_id])
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [at, at, address, remnant, key, at, at])
            return bool(cursor.rowcount == 1)


class TemporaryAccessPass(models.Model):
    """One pass. Valid in [starts_at, ends_at). ``verifier`` is empty once the pass is over (criterion A03);
    ``remnant`` then still lets its holder be told why it does not work any more. ``application_standing``: what the
    holder was to an application that issued it by itself; "" where a person or the machine's operator did.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="passes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passes")
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    lifetime_in_minutes = models.PositiveIntegerField()
    ends_at = models.DateTimeField()
    is_usable_once = models.BooleanField()
    verifier = models.CharField(max_length=256, blank=True)
    remnant = models.CharField(max_length=128, blank=True)
    issuer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="passes_issued")
    issued_by = models.CharField(max_length=320)
    application_standing = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in Standing], blank=True
    )
    reason = models.CharField(max_length=200, blank=True)
    first_used_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    use_count = models.PositiveIntegerField(default=0)
    last_used_from = models.CharField(max_length=45, blank=True)
    locked_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="replaced", db_index=False
    )

    objects = PassQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(deleted_at__isnull=True, replaced_by__isnull=True),
                name="one_open_pass_per_user",
            ),
            models.CheckConstraint(
                condition=Q(lifetime_in_minutes__range=(SHORTEST_LIFETIME, LONGEST_LIFETIME)),
                name="pass_lifetime_range",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="pass_ends_after_start"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "ends_at", "id"],
                name="pass_open_by_end",
                condition=Q(deleted_at__isnull=True, replaced_by__isnull=True),
            ),
            models.Index(
                fields=["tenant", "starts_at", "id"],
                name="pass_open_by_start",
                condition=Q(deleted_at__isnull=True, replaced_by__isnull=True),
            ),
            # Without those that are not replaced: SQLite would take that index to find them, which nearly all are.
            models.Index(fields=["replaced_by"], name="pass_replaced", condition=Q(replaced_by__isnull=False)),
            models.Index(fields=["tenant", "first_used_at", "id"], name="pass_by_use"),
            models.Index(fields=["ends_at"], name="pass_history_by_end", condition=CLOSED),
            # Only of deleted ones: SQLite's statistics make it think that few passes are not deleted.
            models.Index(
                fields=["tenant", "deleted_at"], name="pass_by_deletion", condition=Q(deleted_at__isnull=False)
            ),
            models.Index(fields=["ends_at"], name="pass_verifiers_by_end", condition=~Q(verifier="")),
        ]

    @property
    def is_by_operator(self) -> bool:
        """True where it was made on the command line, by nobody in particular."""
        return self.issuer_id is None and self.issued_by == OPERATOR_NAME

    @property
    def issuer_name(self) -> Text:
        """Return who made it, for people."""
        return OPERATOR if self.is_by_operator else self.issued_by

    @property
    def issuer_told_as(self) -> str:
        """Return what notices call whoever made it, as ``accounts.authority.Actor.told_as`` does."""
        return "" if self.is_by_operator else self.issued_by

    def __str__(self) -> str:
        return f"Temporary Access Pass of {self.user_id}"

    @staticmethod
    def end_of(starts_at: datetime, lifetime_in_minutes: int) -> datetime:
        """Return when a pass ends: its lifetime counts from its start, not from its creation."""
        return starts_at + timedelta(minutes=lifetime_in_minutes)

    @property
    def verifier_context(self) -> str:
        """Return what the verifier is bound to, so that it verifies for this row only."""
        return f"{self.tenant_id}|{self.user_id}|{self.id}"
