"""An organisation's settings and domains, and how the first one of an installation comes to be."""

import re
from functools import partial
from io import StringIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from accounts.enums import MethodKind, PassPrompt, RequiredStrength, Role
from accounts.memberships import roles_of
from accounts.models import Domain, Tenant, User
from accounts.targeting import scope_in
from audit.enums import Event
from audit.models import AuditEvent
from core.errors import Conflict, Invalid, NotFound
from directory import actions, rules
from directory.actions import domains
from directory.actions.change import lock_tenant
from directory.rules import Profile
from tap import actions as tap
from tap.models import TapPolicy, TemporaryAccessPass
from tests.conftest import OPERATOR, reached
from tests.directory.people import acting
from tests.together import together

NORTHWIND = {"tenant": "Northwind", "domain": "northwind.example", "upn": "ada@northwind.example", "name": "Ada Byron"}


def run(*words: str) -> tuple[int, str, str]:
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as leaving:
        code = int(str(leaving.code))
    return code, out.getvalue(), err.getvalue()


def bootstrap(**changes: str) -> tuple[int, str, str]:
    return run("bootstrap", *(word for name, value in (NORTHWIND | changes).items() for word in (f"--{name}", value)))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("example.com", True),
        ("a.b-c.example", True),
        ("xn--mnchen-3ya.example", True),
        ("localhost", False),
        ("192.0.2.1", False),
        ("münchen.example", False),
        ("-a.example", False),
        ("a..example", False),
        ("a_b.example", False),
        ("a" * 64 + ".example", False),
        ("a." * 126 + "example", False),
        ("example.com\n", False),
    ],
)
def test_what_a_domain_may_be(name: str, is_one: bool) -> None:
    assert (rules.domain_problem(name) is None) is is_one


def test_a_domain_counts_only_once_it_is_verified(world: SimpleNamespace) -> None:
    """F06: added by the organisation, verified by the operator; before, no user name may end in it."""
    grace = acting(world.grace)
    actions.add_domain(grace, name=" NEW.Contoso.com ")
    ann = Profile("Ann", "ann@new.contoso.com")
    with pytest.raises(Invalid):
        actions.create_user(grace, profile=ann)
    with pytest.raises(Conflict):
        actions.make_default(grace, name="new.contoso.com")
    assert run("domain", "verify", "new.contoso.com")[0] == 0
    assert actions.create_user(grace, profile=ann).upn == "ann@new.contoso.com"
    actions.make_default(grace, name="new.contoso.com")
    assert Domain.objects.get(tenant=world.contoso, is_default=True).name == "new.contoso.com"


def test_a_domain_belongs_to_one_organisation(world: SimpleNamespace) -> None:
    """F06: and whose it is, the answer does not say."""
    zed = acting(world.zed)
    with pytest.raises(Invalid) as refused:
        actions.add_domain(zed, name="contoso.com")
    assert "Contoso" not in str(refused.value.fields)
    for act in (actions.make_default, actions.remove_domain):
        with pytest.raises(NotFound):
            act(zed, name="fed.contoso.com")
    assert Domain.objects.get(name="fed.contoso.com").tenant == world.contoso


def test_a_domain_goes_only_when_nobody_is_named_by_it(world: SimpleNamespace) -> None:
    grace = acting(world.grace)
    with pytest.raises(Conflict) as refused:
        actions.remove_domain(grace, name="contoso.com")
    assert refused.value.code == "domain_is_default"
    User.objects.filter(pk=world.fred.pk).update(deleted_at=world.fred.created_at)
    with pytest.raises(Conflict) as refused:
        actions.remove_domain(grace, name="fed.contoso.com")
    assert refused.value.code == "domain_in_use"
    User.everyone.filter(pk=world.fred.pk).delete()
    actions.remove_domain(grace, name="fed.contoso.com")
    assert not Domain.objects.filter(name="fed.contoso.com").exists()


@pytest.fixture
def overtaken(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one waits for the organisation's lock, another makes a second domain the default one."""
    Domain.objects.create(name="second.example", tenant=world.contoso)

    def lock_too_late(tenant_id: UUID) -> None:
        Domain.objects.filter(tenant_id=tenant_id).update(is_default=False)
        Domain.objects.filter(name="second.example").update(is_verified=True, is_default=True)
        lock_tenant(tenant_id)

    monkeypatch.setattr(domains, "lock_tenant", lock_too_late)


@pytest.mark.usefixtures("overtaken")
def test_no_default_domain_is_removed_that_became_it_meanwhile(world: SimpleNamespace) -> None:
    with pytest.raises(Conflict):
        actions.remove_domain(acting(world.grace), name="second.example")


@pytest.mark.usefixtures("overtaken")
def test_verifying_twice_takes_no_default_away(world: SimpleNamespace) -> None:
    actions.verify_domain(OPERATOR, name="second.example")
    assert Domain.objects.get(name="second.example").is_default


def test_settings_change_with_old_and_new(world: SimpleNamespace) -> None:
    settings: dict[str, Any] = {
        "name": " Contoso  Ltd ",
        "time_zone": "Europe/Paris",
        "service_desk": "",
        "issuer_strength": RequiredStrength.PHISHING_RESISTANT,
        "pass_prompt": PassPrompt.NEVER,
        "methods_fresh_minutes": 20,
        "admin_fresh_minutes": 60,
    }
    tenant = actions.configure_tenant(acting(world.grace), settings=settings)
    assert (tenant.name, tenant.pass_prompt) == ("Contoso Ltd", PassPrompt.NEVER)
    detail = AuditEvent.objects.get(event=Event.TENANT_CONFIGURED).detail
    assert "admin_fresh_minutes" not in detail["old"]
    assert (detail["old"]["name"], detail["new"]["name"]) == ("Contoso", "Contoso Ltd")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("time_zone", "Nowhere"),
        ("methods_fresh_minutes", 0),
        ("methods_fresh_minutes", 61),
        ("admin_fresh_minutes", 4),
        ("admin_fresh_minutes", 721),
        ("service_desk", "x" * 201),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(world: SimpleNamespace, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        actions.configure_tenant(acting(world.grace), settings={field: value})
    assert list(refused.value.fields) == [field]


def test_nobody_locks_himself_out_with_the_required_strength(world: SimpleNamespace) -> None:
    by_pass = acting(world.grace, MethodKind.TEMPORARY_ACCESS_PASS)
    with pytest.raises(Invalid) as refused:
        actions.configure_tenant(by_pass, settings={"issuer_strength": RequiredStrength.LASTING_METHOD})
    assert list(refused.value.fields) == ["issuer_strength"]


def test_the_first_administrator_gets_in_once(world: SimpleNamespace) -> None:
    """G04: a second run makes nothing and prints no pass, whatever it is told."""
    code, out, err = bootstrap()
    assert (code, err) == (0, "")
    (printed,) = re.findall(r"the pass ([A-Z0-9]+) within", out)
    ada = User.objects.get(upn="ada@northwind.example")
    assert roles_of([ada.id])[ada.id] == {Role.GLOBAL_ADMINISTRATOR}
    assert tap.verify(OPERATOR, upn=ada.upn, typed=printed).issued.is_usable_once
    assert Domain.objects.get(name="northwind.example").is_default
    assert not scope_in(User(tenant=ada.tenant), MethodKind.TEMPORARY_ACCESS_PASS).is_in
    before = [model.objects.count() for model in (Tenant, User, TemporaryAccessPass)]
    for changes in ({}, {"tenant": "Other", "upn": "eve@northwind.example"}, {"domain": "contoso.com"}):
        code, out, err = bootstrap(**changes)
        assert (code, out) == (6, "")
        assert re.fullmatch(r"bootstrap: The domain \S+ belongs to an organisation already.\n", err)
    assert [model.objects.count() for model in (Tenant, User, TemporaryAccessPass)] == before


@pytest.mark.parametrize(
    "changes", [{"upn": "ada@contoso.com"}, {"upn": "ada"}, {"name": " "}, {"domain": "no domain"}, {"tenant": ""}]
)
def test_a_bootstrap_that_cannot_be_leaves_nothing(world: SimpleNamespace, changes: dict[str, str]) -> None:
    code, out, err = bootstrap(**changes)
    assert (code, out) == (5, "")
    assert err.startswith("bootstrap: ")
    assert not Tenant.objects.filter(name="Northwind").exists()
    assert not Domain.objects.filter(name="northwind.example").exists()


def test_an_organisation_that_was_added_gets_its_first_administrator(world: SimpleNamespace) -> None:
    """G04: once; nobody gets into one that has people, a deleted person's neither."""
    _code, out, _err = run("tenant", "add", "Northwind", "--domain", "Northwind.example")
    assert 'Then: manage.py bootstrap --tenant "Northwind" --domain northwind.example' in out
    tenant = Tenant.objects.get(name="Northwind")
    assert bootstrap(tenant="Another")[0] == 6
    assert bootstrap()[0] == 0
    ada = User.objects.get(upn="ada@northwind.example")
    assert ada.tenant == tenant
    assert roles_of([ada.id])[ada.id] == {Role.GLOBAL_ADMINISTRATOR}
    User.objects.filter(pk=ada.pk).update(deleted_at=ada.created_at)
    assert bootstrap(upn="eve@northwind.example")[0] == 6
    assert run("tenant", "add", "Fabrikam", "--domain", "fabrikam.com")[::2] == (
        6,
        "tenant: The domain fabrikam.com belongs to an organisation already.\n",
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_there", [False, True])
def test_of_eight_bootstraps_at_once_one_wins(is_there: bool) -> None:
    """G04: nor by race; what the others would have made is not there."""
    if is_there:
        run("tenant", "add", "Northwind", "--domain", "northwind.example")
    answers = together([bootstrap] * 8, at_once=8)
    codes = [answer if isinstance(answer, Exception) else answer[0] for answer in answers]
    assert sum(code == 0 for code in codes) == 1
    assert all(code in (0, 5, 6) for code in codes)
    assert sum("the pass" in answer[1] for answer in answers if isinstance(answer, tuple)) == 1
    (tenant,) = Tenant.objects.filter(name="Northwind")
    assert (tenant.users.count(), TemporaryAccessPass.objects.filter(tenant=tenant).count()) == (1, 1)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once(world: SimpleNamespace) -> None:
    """One of two parallel removals is the last one's, and refused."""
    jobs = [
        partial(actions.remove_role, OPERATOR, role=Role.GLOBAL_ADMINISTRATOR, target=reached(user))
        for user in (world.grace, world.breakglass)
    ]
    answers = together(jobs, at_once=2)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]


def test_the_operator_adds_organisations_and_domains(world: SimpleNamespace) -> None:
    code, out, _err = run("tenant", "add", "Northwind", "--domain", "northwind.example")
    assert (code, "Made Northwind" in out) == (0, True)
    assert not TapPolicy.objects.filter(tenant__name="Northwind").exists()
    assert run("domain", "add", "nw.example", "--tenant", "northwind.example")[0] == 0
    assert "not verified" in run("domain", "list")[1]
    assert run("domain", "verify", "nw.example")[0] == 0
    assert "not verified" not in run("domain", "list")[1]
    listed = run("tenant", "list")[1]
    assert all(name in listed for name in ("Contoso", "Fabrikam", "Northwind", "northwind.example"))
    assert run("tenant", "add", "Again", "--domain", "northwind.example")[0] != 0
    assert run("domain", "verify", "nobody.example")[0] == 3
    assert run("domain", "add", "x.example", "--tenant", "nobody")[0] == 3
