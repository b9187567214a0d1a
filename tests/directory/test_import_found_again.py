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
from tests.directory.imports import HEAD, uploaded
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


def test_the_preview_shows_everything_of_a_line_and_numbers_that_can_be_read(
    world: SimpleNamespace, as_: SignIn
) -> None:
    text = f"{HEAD}Ann,ann@contoso.com,ann@example.org,Guest,New hires,Asia/Tokyo\n"
    batch = uploaded(world, text)
    Import.objects.filter(pk=batch.pk).update(good=100_000)
    page = as_(world.grace).get(reverse("directory:import", args=[batch.pk])).content.decode()
    for shown in ("Ann", "ann@contoso.com", "ann@example.org", "Guest with an account here", "New hires", "Asia/Tokyo"):
        assert f">{shown}<" in page
    assert "100,000 people can be imported." in page
    assert "100,000 people are chosen." in page
