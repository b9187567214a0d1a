"""A made-up organisation of any size: people, nested groups, roles, passkeys, passes in every state, sessions, events.

The same size gives the same organisation, ids and times aside. Who is what follows from a person's number.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext

from django.db import transaction

from accounts.enums import MethodKind, RequiredStrength, Role, TargetSide
from accounts.models import Domain, Group, GroupMember, MethodTarget, RoleAssignment, SignInSession, Tenant, User
from audit.models import AuditEvent
from authmethods.models import Passkey
from config.scale import credentials, people
from config.scale.bulk import Model, Row, indexes_made_afterwards, roomy_cache, table_of, take_stock, write
from config.scale.organisation import Organisation, domain_of
from core import clock
from tap.models import TapPolicy, TemporaryAccessPass

FEWEST = people.FEWEST
WORTH_IT = 20_000  # people, from which indexes are better made afterwards

Say = Callable[[str], None]
PARTS: Sequence[tuple[str, Model, Sequence[str], Callable[[Organisation], Iterator[Row]]]] = (
    ("users", User, people.PERSON, people.people),
    ("passkeys", Passkey, credentials.PASSKEY, credentials.passkeys),
    ("passes", TemporaryAccessPass, credentials.PASS, credentials.passes),
    ("sessions", SignInSession, credentials.SESSION, credentials.sessions),
    ("audit events", AuditEvent, credentials.EVENT, credentials.events),
)


class ExistsAlready(Exception):
    """One of the organisations is there."""


def seed(users: int, tenants: int, say: Say) -> str:
    """Make ``tenants`` organisations of ``users`` people each; return the user name of the first one's first administrator.

    Raises ExistsAlready, with nothing changed.
    """
    numbers = range(1, tenants + 1)
    taken = Domain.objects.filter(name__in=[domain_of(number) for number in numbers]).values_list("name", flat=True)
    if names := ", ".join(sorted(taken)):
        raise ExistsAlready(names)
    models: list[Model] = [Group, GroupMember, *(model for _, model, _, _ in PARTS)]
    tables = [table_of(model) for model in models]
    is_worth_it = users * tenants >= WORTH_IT
    indexes = indexes_made_afterwards(tables, say) if is_worth_it else nullcontext()
    with roomy_cache(), transaction.atomic(durable=True), indexes:
        first, *_ = [_make(Organisation(number, users, clock.now()), say) for number in numbers]
    take_stock()
    return first


def _make(made: Organisation, say: Say) -> str:
    tenant = _tenant(made)
    for name, model, columns, rows in PARTS:
        say(f"{made.domain}: {write(model, columns, rows(made)):,} {name}")
    groups = people.Groups(made)
    say(f"{made.domain}: {write(Group, people.GROUP, groups.rows()):,} groups")
    nested = write(GroupMember, ("group_id", "child_id"), groups.nesting())
    say(f"{made.domain}: {nested + write(GroupMember, ('group_id', 'user_id'), groups.members()):,} memberships")
    for number, role in people.ROLES.items():
        RoleAssignment.objects.create(tenant=tenant, user_id=made.ids[number], role=role)
    RoleAssignment.objects.create(tenant=tenant, group_id=groups.help_desk, role=Role.AUTHENTICATION_ADMINISTRATOR)
    return made.upns[0]


def _tenant(made: Organisation) -> Tenant:
    tenant = Tenant.objects.create(
        id=made.tenant_id,
        name=f"Scale {made.number}",
        created_at=made.now,
        time_zone="Europe/Berlin",
        service_desk="Service desk, +49 30 5550 100",
        issuer_strength=RequiredStrength.MULTI_FACTOR,
    )
    Domain.objects.create(name=made.domain, tenant=tenant, is_verified=True, is_default=True)
    TapPolicy.objects.create(tenant=tenant, is_enabled=True)
    MethodTarget.objects.create(tenant=tenant, method=MethodKind.TEMPORARY_ACCESS_PASS, side=TargetSide.INCLUDE)
    return tenant
