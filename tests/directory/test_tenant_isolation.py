"""E09: no page that changes the directory reaches another tenant. Generated from the addresses, so a new one is in it."""

from collections.abc import Iterator
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.enums import Role
from accounts.models import Domain, Group, GroupMember, RoleAssignment, User
from core import clock
from directory.urls import urlpatterns
from tests.accounts.test_tenant_isolation import what_it_says
from tests.conftest import SignIn

# What a parameter takes of the other tenant, and what nobody has. Roles are everybody's: no role of another tenant exists.
TAKES = {"user_id", "deleted_id", "group_id", "principal_id", "domain"}
SAME = {"role_id": Role.GLOBAL_READER.value, "kind": "user", "import_id": uuid4()}
WITH_IDS = [pattern for pattern in urlpatterns if set(pattern.pattern.converters) & TAKES]


@pytest.fixture
def both(world: SimpleNamespace, as_: SignIn) -> SimpleNamespace:
    theirs = Group.objects.create(tenant=world.fabrikam, name="Fabrikam secret", created_at=clock.now())
    GroupMember.objects.create(group=theirs, user=world.vera_home)
    RoleAssignment.objects.create(tenant=world.fabrikam, user=world.vera_home, role=Role.GLOBAL_READER)
    gone = {
        tenant: User.objects.create(
            tenant=tenant, upn=upn, display_name="Gone", created_at=clock.now(), deleted_at=clock.now()
        )
        for tenant, upn in ((world.contoso, "gone@contoso.com"), (world.fabrikam, "gone@fabrikam.com"))
    }
    own = {
        "user_id": world.mia.id,
        "deleted_id": gone[world.contoso].id,
        "group_id": world.groups["New hires"].id,
        "principal_id": world.user2.id,
        "domain": "fed.contoso.com",
    }
    other = {
        "user_id": world.vera_home.id,
        "deleted_id": gone[world.fabrikam].id,
        "group_id": theirs.id,
        "principal_id": world.vera_home.id,
        "domain": "fabrikam.com",
    }
    nobody = {name: uuid4() for name in own} | {"domain": "nobody.example"}
    return SimpleNamespace(own=own, other=other, nobody=nobody, grace=as_(world.grace), world=world)


def addresses(pattern: URLPattern, own: dict[str, object], stranger: dict[str, object]) -> Iterator[str]:
    """The pattern's address with one parameter after the other taken from ``stranger``."""
    for replaced in set(pattern.pattern.converters) & TAKES:
        values = {name: (own | SAME)[name] for name in pattern.pattern.converters} | {replaced: stranger[replaced]}
        yield reverse(f"directory:{pattern.name}", kwargs=values)


def everything() -> list[object]:
    return [
        list(User.everyone.order_by("pk").values_list("pk", "upn", "is_enabled", "deleted_at")),
        *(
            list(model.objects.order_by("pk").values_list("pk"))
            for model in (Group, GroupMember, RoleAssignment, Domain)
        ),
    ]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("pattern", WITH_IDS, ids=lambda pattern: pattern.name)
def test_another_tenants_id_is_as_good_as_none(both: SimpleNamespace, pattern: URLPattern, method: str) -> None:
    before = everything()
    theirs, absent = addresses(pattern, both.own, both.other), addresses(pattern, both.own, both.nobody)
    for url, control in zip(theirs, absent, strict=True):
        answer, wanted = getattr(both.grace, method)(url), getattr(both.grace, method)(control)
        assert (answer.status_code, wanted.status_code) == (404, 404), url
        assert what_it_says(answer, url) == what_it_says(wanted, control)
    assert everything() == before


@pytest.mark.parametrize("name", ["add_member", "assign_role"])
@pytest.mark.parametrize("kind", ["user", "group"])
def test_nobody_is_picked_from_another_tenant(both: SimpleNamespace, name: str, kind: str) -> None:
    """E09: what a picker sends may be anything."""
    first = both.own["group_id"] if name == "add_member" else SAME["role_id"]
    field = "member" if name == "add_member" else "holder"
    before = everything()
    for found in (both.other[f"{kind}_id"], uuid4()):
        answer = both.grace.post(reverse(f"directory:{name}", args=[first]), {field: f"{kind}:{found}"})
        assert answer.status_code == 404
    assert everything() == before


@pytest.mark.parametrize("pattern", WITH_IDS, ids=lambda pattern: pattern.name)
def test_the_same_address_works_for_the_own_tenant(both: SimpleNamespace, pattern: URLPattern) -> None:
    """Without this the tests above could not fail."""
    values = {name: (both.own | SAME)[name] for name in pattern.pattern.converters}
    assert both.grace.get(reverse(f"directory:{pattern.name}", kwargs=values)).status_code == 200


def test_lists_show_nothing_of_the_other_tenant(both: SimpleNamespace) -> None:
    for name in ("deleted_users", "settings", "new_user"):
        page = both.grace.get(reverse(f"directory:{name}")).content.decode()
        assert "gone@fabrikam.com" not in page
        assert ">fabrikam.com<" not in page


def test_nobody_signed_in_gets_anywhere(client: Client, both: SimpleNamespace) -> None:
    for pattern in urlpatterns:
        values = {name: (both.own | SAME)[name] for name in pattern.pattern.converters}
        assert client.get(reverse(f"directory:{pattern.name}", kwargs=values)).status_code == 302
