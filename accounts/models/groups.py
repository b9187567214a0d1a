"""Groups, nested to any depth, and who holds which role."""

import uuid

from django.db import models

from accounts.enums import Role
from accounts.models.tenants import Tenant
from accounts.models.users import User
from core.text import KeyField, fold


class Group(models.Model):
    """A set of users and groups of one tenant."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=256)
    name_key = KeyField(max_length=512, editable=False)
    description = models.CharField(max_length=1024, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name_key"], name="group_name_in_tenant")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the key in step with the name."""
        self.name_key = fold(self.name)[:512]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def audit_name(self) -> str:
        """Return what an event calls the group."""
        return self.name


class GroupMember(models.Model):
    """One direct member: a user, or a group (then its members are members too)."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="memberships")
    child = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="parents")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(child__isnull=True),
                name="group_member_user_or_group",
            ),
            models.CheckConstraint(condition=~models.Q(group=models.F("child")), name="group_not_in_itself"),
            models.UniqueConstraint(fields=["group", "user"], name="group_member_user_once"),
            models.UniqueConstraint(fields=["group", "child"], name="group_member_group_once"),
        ]
        indexes = [
            models.Index(fields=["group", "id"], name="group_users_as_added", condition=models.Q(user__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.child_id} in {self.group_id}"


class RoleAssignment(models.Model):
    """A role held by a user, or by every member of a group."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=36, choices=Role)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="role_assignments")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="role_assignments")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(group__isnull=True),
                name="role_assignment_user_or_group",
            ),
            models.UniqueConstraint(fields=["role", "user"], name="role_once_per_user"),
            models.UniqueConstraint(fields=["role", "group"], name="role_once_per_group"),
        ]
        indexes = [models.Index(fields=["tenant", "role"], name="role_assignment_role")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} to {self.user_id or self.group_id}"
