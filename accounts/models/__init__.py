"""The directory's tables: tenants, users, groups and roles, method targets, sign-in sessions."""

from accounts.models.groups import Group, GroupMember, RoleAssignment
from accounts.models.policies import MethodPolicy
from accounts.models.sessions import SignInSession
from accounts.models.targets import MethodTarget
from accounts.models.tenants import Domain, Tenant
from accounts.models.users import User

__all__ = [
    "Domain",
    "Group",
    "GroupMember",
    "MethodPolicy",
    "MethodTarget",
    "RoleAssignment",
    "SignInSession",
    "Tenant",
    "User",
]
