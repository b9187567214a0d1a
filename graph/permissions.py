"""Which permissions each part of the API asks for: the one table. A permission never gives more than its person's roles
reach; that is judged below, where the thing itself is (accounts.authority.decide).

Default deny: an operation without a need cannot be declared (graph.operations), and a test walks them all.
"""

from dataclasses import dataclass, field

from oidc.enums import Permission as P  # noqa: N817  the table below is read by its second letter


@dataclass(frozen=True)
class Need:
    """Any of ``any_of`` will do; of ``own`` only for the caller himself, who is a person."""

    any_of: frozenset[P]
    own: frozenset[P] = field(default_factory=frozenset)


def _need(*any_of: P, own: tuple[P, ...] = ()) -> Need:
    return Need(frozenset(any_of), frozenset(own))


_DIRECTORY = (P.DIRECTORY_READ_ALL,)
_METHODS = (P.METHODS_READ_ALL, P.METHODS_READ_WRITE_ALL)

ME = _need(P.USER_READ_ALL, P.USER_READ_WRITE_ALL, *_DIRECTORY, own=(P.USER_READ,))
USERS_READ = _need(P.USER_READ_ALL, P.USER_READ_WRITE_ALL, P.USER_READ_BASIC_ALL, *_DIRECTORY, own=(P.USER_READ,))
USERS_WRITE = _need(P.USER_READ_WRITE_ALL)
GROUPS_READ = _need(
    P.GROUP_READ_ALL, P.GROUP_READ_WRITE_ALL, P.GROUP_MEMBER_READ_ALL, P.GROUP_MEMBER_READ_WRITE_ALL, *_DIRECTORY
)
GROUPS_WRITE = _need(P.GROUP_READ_WRITE_ALL)
MEMBERS_WRITE = _need(P.GROUP_MEMBER_READ_WRITE_ALL, P.GROUP_READ_WRITE_ALL)
ROLES_READ = _need(P.ROLES_READ, P.ROLES_READ_WRITE, *_DIRECTORY)
ROLES_WRITE = _need(P.ROLES_READ_WRITE)
ORGANIZATION_READ = _need(P.ORGANIZATION_READ_ALL, P.USER_READ_ALL, *_DIRECTORY, own=(P.USER_READ,))
DOMAINS_READ = _need(P.DOMAIN_READ_ALL, *_DIRECTORY)

METHODS_READ = _need(*_METHODS, own=(P.METHODS_READ, P.METHODS_READ_WRITE))
METHODS_WRITE = _need(P.METHODS_READ_WRITE_ALL, own=(P.METHODS_READ_WRITE,))
PASSES_READ = _need(*_METHODS, P.PASSES_READ_ALL, P.PASSES_READ_WRITE_ALL, own=(P.METHODS_READ, P.METHODS_READ_WRITE))
PASSES_WRITE = _need(P.METHODS_READ_WRITE_ALL, P.PASSES_READ_WRITE_ALL)
PASSES_DELETE = _need(P.METHODS_READ_WRITE_ALL, P.PASSES_READ_WRITE_ALL, own=(P.METHODS_READ_WRITE,))
PASSKEYS_READ = _need(
    *_METHODS, P.PASSKEYS_READ_ALL, P.PASSKEYS_READ_WRITE_ALL, own=(P.METHODS_READ, P.METHODS_READ_WRITE)
)
PASSKEYS_WRITE = _need(P.METHODS_READ_WRITE_ALL, P.PASSKEYS_READ_WRITE_ALL, own=(P.METHODS_READ_WRITE,))

POLICY_READ = _need(P.POLICY_READ_METHODS, P.POLICY_READ_ALL, P.POLICY_READ_WRITE_METHODS)
POLICY_WRITE = _need(P.POLICY_READ_WRITE_METHODS)
AUDIT_READ = _need(P.AUDIT_READ_ALL)
ANYTHING = Need(frozenset(P), frozenset(P))  # a batch: each of its parts has a need of its own
REGISTRATION_READ = _need(P.AUDIT_READ_ALL, P.REPORTS_READ_ALL)
