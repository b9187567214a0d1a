"""The pages of the directory in the admin center."""

from accounts.views.groups import group, groups
from accounts.views.principals import principals
from accounts.views.roles import role, roles
from accounts.views.sessions import end_session, end_sessions
from accounts.views.users import user, user_groups, users

__all__ = [
    "end_session",
    "end_sessions",
    "group",
    "groups",
    "principals",
    "role",
    "roles",
    "user",
    "user_groups",
    "users",
]
