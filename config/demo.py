"""The cast of the demo and of every test (design §8)."""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace

from django.db import transaction

from accounts.enums import DomainKind, MethodKind, RequiredStrength, Role, TargetSide, UserKind
from accounts.models import Domain, Group, GroupMember, MethodTarget, RoleAssignment, Tenant, User
from core import clock
from tap.models import TapPolicy

CONTOSO, FABRIKAM = "contoso.com", "fabrikam.com"
TENANTS = ("Contoso", "Fabrikam")


@dataclass(frozen=True)
class Person:
    """One member of the cast."""

    upn: str
    name: str
    role: Role | None = None
    kind: UserKind = UserKind.MEMBER
    time_zone: str = ""
    groups: tuple[str, ...] = field(default_factory=tuple)
    is_support_staff: bool = False


CAST = (
    Person("grace@contoso.com", "Grace Hollis", Role.GLOBAL_ADMINISTRATOR),
    Person("priya@contoso.com", "Priya Raman", Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, time_zone="Asia/Kolkata"),
    Person("amir@contoso.com", "Amir Haddad", Role.AUTHENTICATION_ADMINISTRATOR),
    Person("paul@contoso.com", "Paul Lindqvist", Role.AUTHENTICATION_POLICY_ADMINISTRATOR),
    Person("rosa@contoso.com", "Rosa Marín", Role.GLOBAL_READER),
    Person("noor@contoso.com", "Noor de Vries", Role.AUTHENTICATION_ADMINISTRATOR),
    Person("tapuser@contoso.com", "Tap User", groups=("New hires",)),
    Person("user2@contoso.com", "Jonas Weber", groups=("New hires",)),
    Person("user3@contoso.com", "Maya Okafor", groups=("Contractors",)),
    Person("mia@contoso.com", "Mia Fontaine"),
    Person("gil@contoso.com", "Gil Serrano", kind=UserKind.INTERNAL_GUEST, groups=("Contractors",)),
    Person("vera_fabrikam.com#EXT#@contoso.com", "Vera Novak", kind=UserKind.EXTERNAL_GUEST),
    Person("fred@fed.contoso.com", "Fred Albright"),
    Person("breakglass@contoso.com", "Break Glass", Role.GLOBAL_ADMINISTRATOR, groups=("Break glass",)),
    Person("sam@contoso.com", "Sam Ferreira", is_support_staff=True),
    Person("zed@fabrikam.com", "Zed Almeida", Role.GLOBAL_ADMINISTRATOR),
    Person("vera@fabrikam.com", "Vera Novak"),
)
GROUPS = {
    "New hires": "People in their first weeks.",
    "Contractors": "People of other companies who work here for a while.",
    "Break glass": "Emergency accounts. Excluded from the Temporary Access Pass policy.",
    "Everyone new": "New hires and contractors, as groups.",
}


def make_world() -> SimpleNamespace:
    """Make both tenants and return everybody by the first part of the user name (``world.grace``) and the tenants.

    What exists already is left as it is.
    """
    now = clock.now()
    with transaction.atomic():
        contoso = _tenant("Contoso", now, CONTOSO, {"fed.contoso.com": DomainKind.FEDERATED})
        fabrikam = _tenant("Fabrikam", now, FABRIKAM, {})
        world = SimpleNamespace(contoso=contoso, fabrikam=fabrikam)
        groups = {name: _group(contoso, name, text, now) for name, text in GROUPS.items()}
        for person in CAST:
            tenant = fabrikam if person.upn.endswith(FABRIKAM) else contoso
            user = _user(tenant, person, now)
            for name in person.groups:
                GroupMember.objects.get_or_create(group=groups[name], user=user)
            setattr(world, _short_name(person), user)
        for child in ("New hires", "Contractors"):
            GroupMember.objects.get_or_create(group=groups["Everyone new"], child=groups[child])
        world.groups = groups
        for tenant in (contoso, fabrikam):
            _enable_passes_for_all(tenant)
        MethodTarget.objects.get_or_create(
            tenant=contoso,
            method=MethodKind.TEMPORARY_ACCESS_PASS,
            side=TargetSide.EXCLUDE,
            group=groups["Break glass"],
            user=None,
        )
    return world


def find_world() -> SimpleNamespace | None:
    """Return what ``make_world`` made, in three queries, or None where it has not been made."""
    users = {user.upn: user for user in User.objects.filter(upn_key__in=[one.upn.casefold() for one in CAST])}
    tenants = {tenant.name: tenant for tenant in Tenant.objects.filter(name__in=TENANTS)}
    groups = {group.name: group for group in Group.objects.filter(tenant__name=TENANTS[0], name__in=GROUPS)}
    if len(users) < len(CAST):
        return None
    world = SimpleNamespace(**{name.lower(): tenants[name] for name in TENANTS}, groups=groups)
    for person in CAST:
        user = users[person.upn]
        user.tenant = tenants[TENANTS[1] if person.upn.endswith(FABRIKAM) else TENANTS[0]]
        setattr(world, _short_name(person), user)
    return world


def _tenant(name: str, now: datetime, domain: str, others: dict[str, DomainKind]) -> Tenant:
    owned = Domain.objects.filter(name=domain).select_related("tenant").first()
    if owned is not None:
        return owned.tenant
    tenant = Tenant.objects.create(
        name=name,
        created_at=now,
        time_zone="Europe/Berlin",
        service_desk=f"{name} service desk, +49 30 5550 100",
        issuer_strength=RequiredStrength.MULTI_FACTOR,
    )
    Domain.objects.create(name=domain, tenant=tenant, is_verified=True, is_default=True)
    for other, kind in others.items():
        Domain.objects.create(name=other, tenant=tenant, kind=kind, is_verified=True)
    return tenant


def _group(tenant: Tenant, name: str, description: str, now: datetime) -> Group:
    found = Group.objects.filter(tenant=tenant, name=name).first()
    return found or Group.objects.create(tenant=tenant, name=name, description=description, created_at=now)


def _user(tenant: Tenant, person: Person, now: datetime) -> User:
    user = User.objects.filter(upn_key=person.upn.casefold()).first()
    if user is None:
        user = User.objects.create(
            tenant=tenant,
            upn=person.upn,
            display_name=person.name,
            kind=person.kind,
            created_at=now,
            time_zone=person.time_zone,
            is_support_staff=person.is_support_staff,
            mail="" if "#" in person.upn else person.upn,
        )
        if person.role:
            RoleAssignment.objects.create(tenant=tenant, user=user, role=person.role)
    return user


def _enable_passes_for_all(tenant: Tenant) -> None:
    _, is_new = TapPolicy.objects.get_or_create(tenant=tenant, defaults={"is_enabled": True})
    if is_new:
        MethodTarget.objects.create(tenant=tenant, method=MethodKind.TEMPORARY_ACCESS_PASS, side=TargetSide.INCLUDE)


def _short_name(person: Person) -> str:
    local, _, domain = person.upn.partition("@")
    name = local.split("_")[0]
    return (
        f"{name}_external"
        if person.kind is UserKind.EXTERNAL_GUEST
        else name
        if domain != FABRIKAM or name == "zed"
        else f"{name}_home"
    )
