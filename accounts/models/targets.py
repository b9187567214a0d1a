"""Whom a method policy includes and excludes."""

from django.db import models

from accounts.enums import Campaign, MethodKind, TargetSide
from accounts.models.groups import Group
from accounts.models.tenants import Tenant
from accounts.models.users import User


class MethodTarget(models.Model):
    """One line of a policy's include or exclude list: a group, a user, or (neither) all users."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="method_targets")
    method = models.CharField(max_length=32, choices=[*MethodKind.choices, *Campaign.choices])
    side = models.CharField(max_length=8, choices=TargetSide)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="method_targets")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="method_targets")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(group__isnull=True), name="target_one_of"
            ),
            # Three, because SQLite cannot take two empty values for the same one.
            models.UniqueConstraint(
                fields=["tenant", "method", "side", "user"],
                condition=models.Q(user__isnull=False),
                name="target_user_once",
            ),
            models.UniqueConstraint(
                fields=["tenant", "method", "side", "group"],
                condition=models.Q(group__isnull=False),
                name="target_group_once",
            ),
            models.UniqueConstraint(
                fields=["tenant", "method", "side"],
                condition=models.Q(user__isnull=True, group__isnull=True),
                name="target_all_users_once",
            ),
            models.CheckConstraint(
                condition=models.Q(side=TargetSide.INCLUDE)
                | models.Q(user__isnull=False)
                | models.Q(group__isnull=False),
                name="exclude_never_all_users",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.side} {self.user_id or self.group_id or 'all users'}"

    @property
    def is_all_users(self) -> bool:
        """True for the line that stands for everybody in the tenant."""
        return self.user_id is None and self.group_id is None
