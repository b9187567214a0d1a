"""The support desk's pages and people."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import Domain, Group, MethodTarget, RoleAssignment, SignInSession, Tenant, User
from audit.models import AuditEvent
from authmethods.models import Passkey
from core import clock
from directory.models import Import
from directory.tasks import check_import
from notices.models import Notice
from oidc.models import Application, ClientSecret
from support.registers import site
from tap.models import TapPolicy, TemporaryAccessPass


def name_of(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def lists() -> list[str]:
    """Every page of the navigation that lists something."""
    return [one for one, register in pages() if not register.is_single]


def singles() -> list[str]:
    """Every page of the navigation about what an organisation has one of."""
    return [one for one, register in pages() if register.is_single]


def pages() -> list[tuple[str, Any]]:
    return [(reverse(register.address), register) for register in site.registers]


def page_of_row(row: Model) -> str:
    return reverse(f"admin:{name_of(type(row))}_change", args=[quote(str(row.pk))])


def person_url(person: User, view: str = "change", *more: UUID) -> str:
    return reverse(f"admin:accounts_user_{view}", args=[person.id, *more])


def one_of_each(tenant: Tenant, person: User, issued: TemporaryAccessPass, session: SignInSession) -> dict[str, Model]:
    """A row of every table the desk shows, all of one organisation."""
    now = clock.now()
    passkey = Passkey.objects.create(
        tenant=tenant, user=person, credential_id=b"credential-of-" + person.id.bytes, public_key=b"key material",
        sign_count=0, aaguid=UUID(int=0), is_backup_eligible=True, is_backed_up=True, name="Blue key", created_at=now,
    )  # fmt: skip
    group = Group.objects.create(tenant=tenant, name=f"Night shift of {tenant.name}", created_at=now)
    app = Application.objects.create(tenant=tenant, name=f"Roster of {tenant.name}", client_type="confidential")
    ClientSecret.objects.create(application=app, name="2027", digest=f"{tenant.id.hex}{'d' * 32}", hint="xyz",
                                created_at=now, expires_at=now)  # fmt: skip
    event = AuditEvent.objects.filter(tenant_id=tenant.id).order_by("-id").first()
    assert event is not None
    return {
        "person": person,
        "group": group,
        "role": RoleAssignment.objects.filter(tenant=tenant)[0],
        "pass": issued,
        "passkey": passkey,
        "session": session,
        "event": event,
        "target": MethodTarget.objects.create(tenant=tenant, method="Fido2", side="exclude", user=person),
        "application": app,
        "notice": Notice.objects.filter(tenant=tenant, person=person)[0],
        "task": task_of(tenant, person),
        "domain": Domain.objects.filter(tenant=tenant)[0],
    }


def task_of(tenant: Tenant, author: User) -> Model:
    """A task of an import, as the queue keeps it."""
    batch = Import.objects.create(
        tenant=tenant, author=author, session_id=author.id, created_at=clock.now(), source="people.csv", lines=1
    )
    queued = check_import.enqueue(str(batch.pk))
    return DBTaskResult.objects.get(pk=queued.id)


def rows_of(world: SimpleNamespace, as_: Any, give_pass: Any, *, other: bool = False) -> dict[str, Model]:
    """One of each in Contoso, or in Fabrikam."""
    person = world.vera_home if other else world.tapuser
    tenant = world.fabrikam if other else world.contoso
    if other:
        TapPolicy.objects.update_or_create(tenant=tenant, defaults={"is_enabled": True})
    issued = give_pass(person).issued
    session = as_(person, address="203.0.113.9").sign_in_session
    return one_of_each(tenant, person, issued, session)
