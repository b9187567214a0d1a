"""The pages that change the directory: what they do, what they refuse, and that nothing typed is lost."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Role
from accounts.memberships import roles_of
from accounts.models import Domain, Group, GroupMember, RoleAssignment, Tenant, User
from core import clock
from directory.urls import urlpatterns
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import SignIn, reached
from tests.directory.people import acting, give

GivePass = Callable[..., Issued]
NEW = {
    "display_name": "Ann Example",
    "upn": "ann@contoso.com",
    "mail": "",
    "kind": "member",
    "language": "",
    "time_zone": "",
}


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


def url(name: str, *args: object) -> str:
    return reverse(f"directory:{name}", args=args)


def follow(client: Client, address: str, data: dict[str, Any] | None = None) -> str:
    answer = client.post(address, data or {}, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_new_user_is_made_and_the_way_on_is_shown(world: SimpleNamespace, grace: Client) -> None:
    assert url("new_user") in grace.get(reverse("accounts:users")).content.decode()
    assert "Ends in @contoso.com, @fed.contoso.com." in grace.get(url("new_user")).content.decode()
    assert "Issue a Temporary Access Pass, so that Ann can sign in" in follow(grace, url("new_user"), NEW)
    assert User.objects.get(upn="ann@contoso.com").tenant == world.contoso


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"upn": "mia@contoso.com"}, "Someone has this user name already."),
        ({"upn": "ann@fabrikam.com"}, "Choose a verified domain of your organisation."),
        ({"display_name": ""}, "Enter a name."),
        ({"mail": "ann"}, "A mail address looks like name@domain."),
        ({"time_zone": "Mars"}, "Choose one of the list."),
        ({"kind": "external_guest"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    world: SimpleNamespace, grace: Client, typed: dict[str, str], said: str
) -> None:
    answer = grace.post(url("new_user"), NEW | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "User not created." in page
    assert "Error: New user" in page
    assert f'value="{(NEW | typed)["upn"]}"' in page
    assert not User.objects.filter(display_name="Ann Example").exists()


def test_a_sign_in_that_is_too_old_loses_nothing_that_was_typed(world: SimpleNamespace, grace: Client) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=59), tick=False) as traveller:
        grace.get(reverse("accounts:users"))
        traveller.shift(timedelta(minutes=2))
        answer = grace.post(url("new_user"), NEW)
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "ann%2540contoso.com" in page
        assert "Confirm, then come back to this form" in page
        assert grace.get(url("new_user"))["Location"].startswith(reverse("signin:confirm"))
        assert grace.post(url("delete_user", world.mia.id))["Location"].startswith(reverse("signin:confirm"))
    assert 'value="ann@contoso.com"' in grace.get(url("new_user"), {"upn": "ann@contoso.com"}).content.decode()


def test_an_account_is_changed_disabled_enabled_deleted_and_restored(world: SimpleNamespace, grace: Client) -> None:
    mia = world.mia.id
    person = grace.get(reverse("accounts:user", args=[mia])).content.decode()
    assert all(url(name, mia) in person for name in ("edit_user", "disable_user", "delete_user"))
    edited = {"display_name": "Mia Moreau", "upn": world.mia.upn, "mail": "", "kind": "internal_guest"}
    assert "User saved." in follow(grace, url("edit_user", mia), edited)
    assert "Disable this account?" in grace.get(url("disable_user", mia)).content.decode()
    assert User.objects.get(pk=mia).is_enabled
    assert "Account disabled." in follow(grace, url("disable_user", mia))
    assert "Enable this account?" in grace.get(url("enable_user", mia)).content.decode()
    assert "Account enabled." in follow(grace, url("enable_user", mia))
    assert "Delete this user?" in grace.get(url("delete_user", mia)).content.decode()
    assert "User deleted." in follow(grace, url("delete_user", mia))
    assert "Mia Moreau" in grace.get(url("deleted_users")).content.decode()
    assert 'value="mia@contoso.com"' in grace.get(url("restore_user", mia)).content.decode()
    assert "User restored." in follow(grace, url("restore_user", mia), {"upn": "mia@contoso.com"})
    assert grace.get(url("restore_user", mia)).status_code == 404


def test_a_restore_under_a_name_that_is_taken_asks_for_another(world: SimpleNamespace, grace: Client) -> None:
    follow(grace, url("delete_user", world.mia.id))
    follow(grace, url("new_user"), NEW | {"upn": "mia@contoso.com"})
    answer = grace.post(url("restore_user", world.mia.id), {"upn": "mia@contoso.com"})
    assert answer.status_code == 422
    assert "Someone has this user name already." in answer.content.decode()
    assert "User restored." in follow(grace, url("restore_user", world.mia.id), {"upn": "mia2@contoso.com"})


def test_groups_are_made_filled_emptied_and_deleted(world: SimpleNamespace, grace: Client) -> None:
    assert "Add groups or users" in follow(grace, url("new_group"), {"name": "Night", "description": "Late"})
    group = Group.objects.get(name="Night")
    add = url("add_member", group.id)
    assert follow(grace, add, {"member": f"user:{world.mia.id}"}).count("Mia Fontaine was added.") == 1
    assert "New hires was added." in follow(grace, add, {"member": f"group:{world.groups['New hires'].id}"})
    again = grace.post(add, {"member": f"user:{world.mia.id}"})
    assert (again.status_code, "is in this group already" in again.content.decode()) == (409, True)
    circle = grace.post(url("add_member", world.groups["New hires"].id), {"member": f"group:{group.id}"})
    assert "the groups would contain each other" in circle.content.decode()
    for wrong in ("", "user:", "user:x", f"thing:{world.mia.id}", f"group:{world.mia.id}"):
        assert grace.post(add, {"member": wrong}).status_code == 404
    found = grace.get(add, {"q": "weber"}).content.decode()  # without scripts
    assert f'value="user:{world.user2.id}" form="put"' in found
    assert "Group saved." in follow(grace, url("edit_group", group.id), {"name": "Nights", "description": ""})
    assert "Remove this member?" in grace.get(url("remove_member", group.id, "user", world.mia.id)).content.decode()
    assert "was removed." in follow(grace, url("remove_member", group.id, "user", world.mia.id))
    RoleAssignment.objects.create(tenant=world.contoso, group=group, role=Role.GLOBAL_READER)
    asked = grace.get(url("delete_group", group.id)).content.decode()
    assert "This group, or one it stands in, gives the role: Global Reader." in asked
    assert "Its members lose the role that it gives: Global Reader." in asked
    emergency = grace.get(url("delete_group", world.groups["Break glass"].id)).content.decode()
    assert "It disappears from the lists of these policies: Temporary Access Pass." in emergency
    assert "Group deleted." in follow(grace, url("delete_group", group.id))


def test_a_role_is_given_after_saying_which_pass_ends(world: SimpleNamespace, grace: Client) -> None:
    amir = acting(world.amir)
    tap.issue(amir, target=reached(world.user2, amir))
    role = Role.GLOBAL_READER.value
    key, outer = f"user:{world.user2.id}", world.groups["Everyone new"]
    ends = "1 Temporary Access Pass ends, because its issuer may not issue to administrators: that of Jonas Weber."
    assert ends in grace.get(url("assign_role", role), {"holder": key}).content.decode()
    assert ends in grace.get(url("assign_role", role), {"holder": f"group:{outer.id}"}).content.decode()
    assert ends not in grace.get(url("assign_role", role), {"holder": f"user:{world.mia.id}"}).content.decode()
    assert roles_of([world.user2.id])[world.user2.id] == frozenset()
    assert "Role assigned." in follow(grace, url("assign_role", role), {"holder": key})
    assert "Role assigned." in follow(grace, url("assign_role", role), {"holder": f"group:{outer.id}"})
    page = grace.get(reverse("accounts:role", args=[role])).content.decode()
    assert url("remove_role", role, "group", outer.id) in page
    again = grace.post(url("assign_role", role), {"holder": key})
    assert (again.status_code, "given there already" in again.content.decode()) == (409, True)
    assert "Role removed." in follow(grace, url("remove_role", role, "user", world.user2.id))
    assert "Role removed." in follow(grace, url("remove_role", role, "group", outer.id))
    assert grace.get(url("assign_role", role), {"holder": f"user:{world.grace.id}"}).status_code == 403


def test_a_disabled_administrator_is_not_the_last_one(world: SimpleNamespace, as_: SignIn) -> None:
    RoleAssignment.objects.filter(user=world.breakglass).delete()
    desk = Group.objects.create(tenant=world.contoso, name="Desk", created_at=clock.now())
    GroupMember.objects.create(group=desk, user=world.grace)
    RoleAssignment.objects.filter(user=world.grace).update(user=None, group=desk)
    give(world.mia, Role.GLOBAL_ADMINISTRATOR)
    mia = as_(world.mia)
    User.objects.filter(pk=world.grace.pk).update(is_enabled=False)
    answer = mia.post(url("delete_user", world.grace.id), follow=True)
    assert answer.status_code == 200  # she can't sign in: she is not the last who can
    assert mia.post(url("disable_user", world.mia.id)).status_code == 403  # she can, and it is herself


def test_settings_are_saved_and_wrong_ones_stay_as_typed(world: SimpleNamespace, grace: Client) -> None:
    settings = {
        "name": "Contoso Ltd",
        "time_zone": "Europe/Paris",
        "service_desk": "Call 1234",
        "issuer_strength": "phishing_resistant",
        "pass_prompt": "never",
        "methods_fresh_minutes": "20",
        "admin_fresh_minutes": "30",
    }
    wrong = grace.post(url("settings"), settings | {"admin_fresh_minutes": "3", "methods_fresh_minutes": "soon"})
    assert wrong.status_code == 422
    assert 'value="Contoso Ltd"' in wrong.content.decode()
    assert Tenant.objects.get(pk=world.contoso.pk).name == "Contoso"
    assert "Settings saved." in follow(grace, url("settings"), settings)
    saved = Tenant.objects.get(pk=world.contoso.pk)
    assert (saved.name, saved.admin_fresh_minutes, saved.pass_prompt) == ("Contoso Ltd", 30, "never")


def test_domains_are_added_made_default_and_removed(world: SimpleNamespace, grace: Client) -> None:
    assert "manage.py domain verify new.example" in follow(grace, url("add_domain"), {"name": "new.example"})
    assert "in use already" in grace.post(url("add_domain"), {"name": "fabrikam.com"}).content.decode()
    assert grace.post(url("default_domain", "new.example")).status_code == 409
    Domain.objects.filter(name="new.example").update(is_verified=True)
    assert "Default domain changed." in follow(grace, url("default_domain", "new.example"))
    assert "Make another one the default first" in grace.post(url("remove_domain", "new.example")).content.decode()
    assert "User names end in this domain." in grace.post(url("remove_domain", "fed.contoso.com")).content.decode()
    User.everyone.filter(upn_key__endswith="@fed.contoso.com").delete()
    assert "Domain removed." in follow(grace, url("remove_domain", "fed.contoso.com"))
    for other in ("fabrikam.com", "nobody.example"):
        assert grace.post(url("remove_domain", other)).status_code == 404


@pytest.mark.parametrize("who", ["rosa", "amir", "priya", "paul"])
def test_who_may_not_is_offered_nothing_and_refused_everything(world: SimpleNamespace, as_: SignIn, who: str) -> None:
    """Hidden buttons are not what keeps anybody out."""
    client, group = as_(getattr(world, who)), world.groups["New hires"]
    ids = {
        "user_id": world.mia.id,
        "group_id": group.id,
        "deleted_id": world.mia.id,
        "role_id": Role.GLOBAL_READER.value,
        "kind": "user",
        "principal_id": world.user2.id,
        "domain": "fed.contoso.com",
        "import_id": uuid4(),
    }
    pages = [reverse("accounts:users"), reverse("accounts:user", args=[world.mia.id]), reverse("accounts:groups")]
    pages += [reverse("accounts:group", args=[group.id]), reverse("accounts:role", args=[ids["role_id"]])]
    shown = "".join(client.get(page).content.decode() for page in [*pages, url("settings")])
    assert "You can view these settings but not change them." in shown
    before = list(User.everyone.values_list("pk", "is_enabled", "deleted_at")), GroupMember.objects.count()
    for pattern in urlpatterns:
        address = reverse(f"directory:{pattern.name}", kwargs={name: ids[name] for name in pattern.pattern.converters})
        sent = {"member": f"user:{world.mia.id}", "holder": f"user:{world.mia.id}", "name": "x.example", **NEW}
        if pattern.name == "restore_user":
            assert client.post(address).status_code == 404  # nobody deleted has this id
            continue
        if pattern.name == "preferences":
            continue  # everybody's own
        if pattern.name == "export_users" or "import_id" in pattern.pattern.converters:
            continue  # every administrator may read the list; imports are their authors' alone: test_import.py
        if pattern.name == "deleted_users":
            assert client.get(address).status_code == 403
            continue
        if pattern.name != "settings":
            assert client.get(address).status_code == 403, pattern.name
            assert f'href="{address}"' not in shown
        answer = client.post(address, sent | {"name": "Other"} if pattern.name == "settings" else sent)
        assert answer.status_code in (403, 422), pattern.name
    assert (list(User.everyone.values_list("pk", "is_enabled", "deleted_at")), GroupMember.objects.count()) == before
    assert Tenant.objects.get(pk=world.contoso.pk).name == "Contoso"


def test_every_page_asks_a_constant_number_of_questions(
    world: SimpleNamespace, grace: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    mia, group, role = world.mia.id, world.groups["Break glass"].id, Role.GLOBAL_READER.value
    follow(grace, url("delete_user", world.user3.id))
    addresses = [
        *(url(name) for name in ("new_user", "deleted_users", "new_group", "settings", "add_domain")),
        *(url(name, mia) for name in ("edit_user", "disable_user", "delete_user")),
        *(url(name, group) for name in ("edit_group", "delete_group", "add_member")),
        url("restore_user", world.user3.id),
        url("remove_member", group, "user", world.breakglass.id),
        url("assign_role", role),
        url("remove_role", role, "user", world.rosa.id),
        url("remove_domain", "fed.contoso.com"),
    ]
    for address in addresses:
        with django_assert_max_num_queries(8):
            assert grace.get(address).status_code == 200, address
