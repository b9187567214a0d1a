"""Whoever closed the browser finds his imports again, and what became of them."""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from accounts.models import RoleAssignment
from directory import actions, tasks
from directory.models import Import
from tests.conftest import SignIn
from tests.directory.people import acting, give

TEXT = "displayName,userPrincipalName\nAnn,ann@contoso.com\n"


def test_the_latest_imports_are_listed_for_their_author_alone(world: SimpleNamespace, as_: SignIn) -> None:
    """E09."""
    grace = acting(world.grace)
    first = actions.upload(grace, name="first <b>.csv", text=TEXT)
    actions.start_import(grace, import_id=first.pk)
    second = actions.upload(grace, name="second.csv", text=TEXT)
    page = as_(world.grace).get(reverse("directory:import_users")).content.decode()
    addresses = [f'href="{reverse("directory:import", args=[one.pk])}"' for one in (second, first)]
    assert 0 < page.index(addresses[0]) < page.index(addresses[1])
    assert "first &lt;b&gt;.csv" in page
    assert "Under way" in page
    for who in (world.breakglass, world.zed):
        assert "Your latest imports" not in as_(who).get(reverse("directory:import_users")).content.decode()


@pytest.mark.parametrize("is_started", [False, True])
def test_its_author_is_told_why_it_stopped(world: SimpleNamespace, as_: SignIn, is_started: bool) -> None:
    give(world.mia, Role.USER_ADMINISTRATOR)
    mia = acting(world.mia)
    batch = actions.upload(mia, name="p.csv", text=TEXT * (1 if is_started else 600))
    if is_started:
        actions.start_import(mia, import_id=batch.pk)
    RoleAssignment.objects.filter(user=world.mia).update(role=Role.GLOBAL_READER)
    with translation.override("en"):
        (tasks.run_import if is_started else tasks.check_import).func(str(batch.pk))
    assert Import.objects.get().state == "stopped"
    page = as_(world.mia).get(reverse("directory:import", args=[batch.pk])).content.decode()
    assert "Your sign-in was ended, or you may not create users any more." in page
