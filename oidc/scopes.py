"""What each permission allows, act by act, and how clients spell permissions. Pure. Default deny."""

from collections.abc import Iterable, Mapping

from accounts.authority import ANYBODY, MEMBERS, PEOPLE
from accounts.enums import Act, Standing
from oidc.enums import Permission, PermissionKind

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
DEFAULT = ".default"  # everything the application was given
OPENID = frozenset({Permission.OPENID, Permission.PROFILE, Permission.EMAIL, Permission.OFFLINE_ACCESS})
OWN = frozenset({Permission.USER_READ, Permission.METHODS_READ, Permission.METHODS_READ_WRITE})
# What a person may agree to for himself; everything else needs an administrator.
LOW = OPENID | {Permission.USER_READ, Permission.USER_READ_BASIC_ALL, Permission.METHODS_READ}

_SELF = frozenset({Standing.SELF})
_SEE_PEOPLE = {Act.DIRECTORY_VIEW: ANYBODY}
_SEE_PASSES = {Act.PASS_VIEW: ANYBODY, Act.METHODS_VIEW: ANYBODY}
_SEE_REGISTRATIONS = {Act.METHODS_VIEW: ANYBODY}
_SEE_POLICY = {Act.POLICY_VIEW: ANYBODY}
# The accounts of administrators and the groups that give roles need the permission over roles as well: a program that
# keeps groups in order could make anybody an administrator otherwise.
_CHANGE_PEOPLE = {
    Act.USERS_CREATE: MEMBERS,
    Act.USERS_UPDATE: ANYBODY,
    Act.USERS_DISABLE: MEMBERS,
    Act.USERS_DELETE: MEMBERS,
    Act.USERS_RESTORE: MEMBERS,
    Act.SESSIONS_VIEW: ANYBODY,
    Act.SESSIONS_REVOKE: PEOPLE,
}
_CHANGE_GROUPS = {**_SEE_PEOPLE, Act.GROUPS_MANAGE: MEMBERS}
_CHANGE_ADMINISTRATORS = {
    **_SEE_PEOPLE,
    Act.ROLES_ASSIGN: PEOPLE,
    Act.GROUPS_MANAGE: PEOPLE,
    Act.USERS_DISABLE: PEOPLE,
    Act.USERS_DELETE: PEOPLE,
    Act.USERS_RESTORE: PEOPLE,
}
_CHANGE_PASSES = {**_SEE_PASSES, Act.PASS_ISSUE: PEOPLE, Act.PASS_DELETE: PEOPLE}

# Permission → act → whom it reaches. With a person this narrows what his roles reach; an application by itself has
# nothing else, so UserAuthenticationMethod.ReadWrite.All acts on administrators too, as in Graph. An act that stands
# nowhere here cannot be done with a token.
PERMITS: Mapping[Permission, Mapping[Act, frozenset[Standing]]] = {
    Permission.OPENID: {},
    Permission.PROFILE: {},
    Permission.EMAIL: {},
    Permission.OFFLINE_ACCESS: {},
    Permission.USER_READ: {Act.DIRECTORY_VIEW: _SELF},
    Permission.USER_READ_BASIC_ALL: _SEE_PEOPLE,
    Permission.USER_READ_ALL: _SEE_PEOPLE,
    Permission.USER_READ_WRITE_ALL: {**_SEE_PEOPLE, **_CHANGE_PEOPLE},
    Permission.DIRECTORY_READ_ALL: _SEE_PEOPLE,
    Permission.GROUP_READ_ALL: _SEE_PEOPLE,
    Permission.GROUP_READ_WRITE_ALL: _CHANGE_GROUPS,
    Permission.GROUP_MEMBER_READ_ALL: _SEE_PEOPLE,
    Permission.GROUP_MEMBER_READ_WRITE_ALL: _CHANGE_GROUPS,
    Permission.ROLES_READ: _SEE_PEOPLE,
    Permission.ROLES_READ_WRITE: _CHANGE_ADMINISTRATORS,
    Permission.METHODS_READ: {Act.METHODS_VIEW: _SELF, Act.PASS_VIEW: _SELF},
    Permission.METHODS_READ_WRITE: {Act.METHODS_VIEW: _SELF, Act.PASS_VIEW: _SELF, Act.OWN_METHODS_CHANGE: _SELF},
    Permission.METHODS_READ_ALL: _SEE_PASSES,
    Permission.METHODS_READ_WRITE_ALL: {
        **_CHANGE_PASSES,
        Act.METHODS_ADD: PEOPLE,
        Act.METHODS_DELETE: PEOPLE,
        Act.PASSWORD_RESET: PEOPLE,
    },
    Permission.PASSES_READ_ALL: {Act.PASS_VIEW: ANYBODY},
    Permission.PASSES_READ_WRITE_ALL: _CHANGE_PASSES,
    Permission.PASSKEYS_READ_ALL: {Act.METHODS_VIEW: ANYBODY},
    Permission.PASSKEYS_READ_WRITE_ALL: {
        Act.METHODS_VIEW: ANYBODY,
        Act.METHODS_ADD: PEOPLE,
        Act.METHODS_DELETE: PEOPLE,
    },
    Permission.POLICY_READ_ALL: _SEE_POLICY,
    Permission.POLICY_READ_METHODS: _SEE_POLICY,
    Permission.POLICY_READ_WRITE_METHODS: {**_SEE_POLICY, Act.POLICY_CHANGE: ANYBODY},
    Permission.AUDIT_READ_ALL: {**_SEE_REGISTRATIONS, Act.AUDIT_VIEW: ANYBODY},
    Permission.REPORTS_READ_ALL: _SEE_REGISTRATIONS,
    Permission.ORGANIZATION_READ_ALL: _SEE_PEOPLE,
    Permission.DOMAIN_READ_ALL: _SEE_PEOPLE,
}
# An application by itself changes no administrator's account and no group that gives a role, and resets no password,
# as in Graph.
BY_ITSELF: Mapping[Act, frozenset[Standing]] = dict.fromkeys((*_CHANGE_PEOPLE, Act.GROUPS_MANAGE), MEMBERS) | {
    Act.SESSIONS_VIEW: PEOPLE,
    Act.PASSWORD_RESET: frozenset(),
}
KINDS: Mapping[PermissionKind, list[Permission]] = {
    PermissionKind.DELEGATED: list(Permission),
    PermissionKind.APPLICATION: [one for one in Permission if one not in OPENID | OWN],
}
_SPELLINGS = {permission.value.casefold(): permission for permission in Permission}


def limits_of(permissions: Iterable[Permission], *, by_itself: bool) -> dict[Act, frozenset[Standing]]:
    """Return what a token with ``permissions`` may be used for, in a person's name or ``by_itself``."""
    limits: dict[Act, frozenset[Standing]] = {}
    for permission in permissions:
        for act, standings in PERMITS[permission].items():
            allowed = standings & BY_ITSELF.get(act, PEOPLE) if by_itself else standings
            limits[act] = limits.get(act, frozenset()) | allowed
    return limits


def named(name: str) -> Permission | None:
    """Return the permission of that name, in any letter case."""
    return _SPELLINGS.get(name.casefold())


def asked_for(names: Iterable[str], resources: Iterable[str]) -> frozenset[Permission | str] | None:
    """Return the permissions a client names, ``DEFAULT`` among them if it does; None where one is unknown.

    A name may stand behind one of the ``resources`` our API is known by, as in ``https://…/graph/User.Read``.
    """
    found: set[Permission | str] = set()
    prefixes = [f"{one}/" for one in resources]
    for name in names:
        plain = next((name[len(one) :] for one in prefixes if name.startswith(one)), name).lstrip("/")
        permission = named(plain)
        if permission is None and plain != DEFAULT:
            return None
        found.add(permission or DEFAULT)
    return frozenset(found)


def parse(text: str) -> frozenset[Permission]:
    """Return the permissions written in a token's row."""
    return frozenset(Permission(name) for name in text.split())


def written(permissions: Iterable[Permission]) -> str:
    """Write permissions as a token carries them: always in the same order."""
    wanted = set(permissions)
    return " ".join(one.value for one in Permission if one in wanted)
