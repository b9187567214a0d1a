"""The pages of the directory in the admin center."""

from accounts.views.activity import user_activity
from accounts.views.audit import audit, audit_csv, audit_event, sign_in, sign_ins, sign_ins_csv
from accounts.views.groups import group, groups
from accounts.views.principals import principals
from accounts.views.roles import role, roles
from accounts.views.sessions import end_session, end_sessions
from accounts.views.users import user, user_groups, users

__all__ = [
    "audit",
    "audit_csv",
    "audit_event",
    "end_session",
    "end_sessions",
    "group",
    "groups",
    "principals",
    "role",
    "roles",
    "sign_in",
    "sign_ins",
    "sign_ins_csv",
    "user",
    "user_activity",
    "user_groups",
    "users",
]
