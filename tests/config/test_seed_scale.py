"""Organisations of any size: whole, valid, and of use at once."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.enums import Role, UserKind
from accounts.memberships import roles_of
from accounts.models import Domain, Group, GroupMember, SignInSession, Tenant, User
from accounts.queries import find_principals, find_users, user_listing
from accounts.sessions import live_of
from audit.models import AuditEvent
from authmethods.models import Passkey
from config import scale
from core import clock
from tap import queries as tap_queries
from tap.enums import Usability
from tap.models import TemporaryAccessPass
from tests.drive import enter_pass


def seed(users: int, tenants: int = 1) -> str:
    said = StringIO()
    call_command("seed_scale", users=users, tenants=tenants, stdout=said)
    return said.getvalue()


def schema() -> set[tuple[str, ...]]:
    """Every index, trigger and constraint there is."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return set(cursor.fetchall())
        cursor.execute("SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        found = set(cursor.fetchall())
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace"
        )
        return found | set(cursor.fetchall())


@pytest.fixture
def small(transactional_db: None) -> str:
    """Two organisations of 1,500, written the short way; what the command said."""
    return seed(1500, tenants=2)


def test_it_makes_whole_organisations(small: str) -> None:
    made = Tenant.objects.filter(domains__name__startswith="scale-")
    assert Domain.objects.filter(name__startswith="scale-").count() == made.count() == 2
    for tenant in made:
        assert User.objects.filter(tenant=tenant).count() == 1500
        assert set(User.objects.filter(tenant=tenant).values_list("kind", flat=True)) == set(UserKind.values)
        assert User.objects.filter(tenant=tenant, is_enabled=False).exists()
        for model in (Passkey, SignInSession):
            assert model.objects.filter(tenant=tenant, user__tenant=tenant).exists()
        assert AuditEvent.objects.filter(tenant_id=tenant.id).count() - (tenant.name == "Scale 1") == 750
        teams = Group.objects.filter(tenant=tenant, parents__isnull=False)
        assert teams.count() > 20
        assert (
            not GroupMember.objects.filter(group__tenant=tenant)
            .exclude(user__tenant=tenant, child=None)
            .exclude(child__tenant=tenant, user=None)
            .exists()
        )
    connection.check_constraints()


def test_its_rows_are_as_the_product_writes_them(small: str) -> None:
    """Whoever is saved again, as the product would, stays the same."""
    for person in User.objects.order_by("upn_key")[:200]:
        before = (person.upn_key, person.name_key)
        assert person.has_password is (person.password_changed_at is not None)
        person.fill_keys()
        assert (person.upn_key, person.name_key) == before
    for group in Group.objects.all():
        before_key = group.name_key
        group.save()
        assert group.name_key == before_key


def test_it_gives_the_roles_directly_and_through_a_group(small: str) -> None:
    people = User.objects.filter(tenant=Tenant.objects.get(name="Scale 1"))
    held = [role for roles in roles_of(people.values_list("id", flat=True)).values() for role in roles]
    assert {role: held.count(role) for role in Role} == {
        Role.GLOBAL_ADMINISTRATOR: 2,
        Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: 2,
        Role.AUTHENTICATION_ADMINISTRATOR: 10,
        Role.AUTHENTICATION_POLICY_ADMINISTRATOR: 1,
        Role.GLOBAL_READER: 1,
        Role.USER_ADMINISTRATOR: 1,
    }


def test_it_has_passes_in_every_state(small: str) -> None:
    tenant = Tenant.objects.get(name="Scale 1")
    passes = list(TemporaryAccessPass.objects.open().filter(tenant=tenant))
    states = tap_queries.states_of(passes, policy=tap_queries.policy_of(tenant.id), now=clock.now())
    assert {state.usability for state in states.values()} == {
        Usability.ENABLED_BY_POLICY,
        Usability.NOT_YET_VALID,
        Usability.ONE_TIME_USED,
        Usability.EXPIRED,
        Usability.LOCKED,
    }
    assert not any(
        one.verifier for one in passes if states[one.id].usability in (Usability.EXPIRED, Usability.ONE_TIME_USED)
    )
    assert TemporaryAccessPass.objects.filter(tenant=tenant, deleted_at__isnull=False).exists()
    assert TemporaryAccessPass.objects.filter(tenant=tenant, replaced_by__isnull=False).exists()
    assert not TemporaryAccessPass.objects.filter(user__kind=UserKind.EXTERNAL_GUEST).exists()


def test_some_people_are_signed_in(small: str) -> None:
    live = [person for person in User.objects.all() if live_of(person.id, now=clock.now()).exists()]
    assert 40 <= len(live) <= 80


def test_it_is_found_at_once(small: str) -> None:
    tenant = Tenant.objects.get(name="Scale 1")
    assert {user.display_name for user in find_users(tenant.id, "aaron abe")} == {"Aaron Abe"}
    assert find_principals(tenant.id, "new hires", only="group")[0]["name"] == "New hires"
    assert user_listing(tenant.id).count.number == 1000


def test_it_prints_a_way_in(small: str, client: Client) -> None:
    match = re.search(r"as (\S+) with the pass (\w+)", small)
    assert match
    assert enter_pass(client, match[1], match[2]).status_code == 302
    assert client.get(reverse("accounts:users")).status_code == 200


def test_it_refuses_what_exists_and_changes_nothing(small: str) -> None:
    before = [model.objects.count() for model in (Tenant, User, Group, TemporaryAccessPass, AuditEvent)]
    with pytest.raises(
        CommandError, match=r"scale-1\.example, scale-2\.example exists already\. Nothing was changed\."
    ):
        seed(100, tenants=3)
    assert [model.objects.count() for model in (Tenant, User, Group, TemporaryAccessPass, AuditEvent)] == before


@pytest.mark.parametrize(("users", "tenants"), [(29, 1), (0, 1), (-5, 1), (10_000_001, 1), (30, 0), (30, 1001)])
def test_it_refuses_numbers_out_of_range(db: None, users: int, tenants: int) -> None:
    with pytest.raises(CommandError, match="--users must be a number from 30 to 10,000,000, --tenants from 1 to 1000"):
        seed(users, tenants)


def test_the_fast_way_gives_the_same_and_leaves_every_index_standing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema()
    monkeypatch.setattr(scale, "WORTH_IT", 0)
    said = seed(300)
    assert "making the indexes" in said
    assert schema() == before
    tenant = Tenant.objects.get()
    assert find_users(tenant.id, "aaron").exists()
    assert [one["name"] for one in find_principals(tenant.id, "hires", only="group")] == ["New hires"]
    User.objects.filter(upn__startswith="aaron.abe@").update(name_key="somebody else")
    assert find_users(tenant.id, "body els").count() == 1
    connection.check_constraints()


def test_a_failure_on_the_fast_way_leaves_everything_as_it_was(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema()
    monkeypatch.setattr(scale, "WORTH_IT", 0)
    monkeypatch.setattr("config.scale.credentials.BROWSER", None)  # a column that must not be null
    with pytest.raises(Exception, match=r"(?i)null"):
        seed(300)
    assert schema() == before
    assert not Tenant.objects.exists()
    assert not User.objects.exists()
