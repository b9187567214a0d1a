"""Reading the directory."""

from accounts.queries.crossings import Crossing, crossing
from accounts.queries.groups import (
    GroupListing,
    GroupPage,
    Membership,
    group_listing,
    group_named,
    group_page,
    groups_counted,
    groups_within,
    memberships_of,
)
from accounts.queries.passes import events_of_pass
from accounts.queries.roles import (
    HeldRole,
    Holding,
    RoleCount,
    groups_given,
    holders_of_role,
    is_held,
    role_counts,
    role_named,
    roles_held_by,
)
from accounts.queries.search import Counted, Principal, PrincipalType, find_principals, find_users, principal_type
from accounts.queries.targets import Line, lines_of
from accounts.queries.users import (
    UserListing,
    domain_of,
    sign_ins_of,
    user_listing,
    with_last_sign_in,
)

__all__ = [
    "Counted",
    "Crossing",
    "GroupListing",
    "GroupPage",
    "HeldRole",
    "Holding",
    "Line",
    "Membership",
    "Principal",
    "PrincipalType",
    "RoleCount",
    "UserListing",
    "crossing",
    "domain_of",
    "events_of_pass",
    "find_principals",
    "find_users",
    "group_listing",
    "group_named",
    "group_page",
    "groups_counted",
    "groups_given",
    "groups_within",
    "holders_of_role",
    "is_held",
    "lines_of",
    "memberships_of",
    "principal_type",
    "role_counts",
    "role_named",
    "roles_held_by",
    "sign_ins_of",
    "user_listing",
    "with_last_sign_in",
]
