"""Pages of lists: what is no cursor of ours is read as the first page, whatever it holds."""

import base64
import json
from types import SimpleNamespace

import pytest

from accounts.models import Group, SignInSession, User
from core.paging import Page, page_of
from tests.conftest import SignIn

A_TIME, AN_ID = "2026-01-01T00:00:00+00:00", "00000000-0000-0000-0000-000000000000"


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize("back", [0, 1])
@pytest.mark.parametrize(
    ("name", "key"),
    [("\ud800", AN_ID), ("a", "\ud800"), ("a", "x"), ("a", 10**40), (None, AN_ID), ([], {})],
)
def test_a_made_up_cursor_of_names_is_the_first_page(
    world: SimpleNamespace, back: int, name: object, key: object
) -> None:
    people = User.objects.filter(tenant=world.contoso)
    first: Page[User] = page_of(people, order=("name_key", "id"), size=3)
    assert page_of(people, order=("name_key", "id"), size=3, cursor=cursor(back, name, key)) == first
    groups = Group.objects.filter(tenant=world.contoso)
    assert page_of(groups, order=("name_key", "id"), cursor=cursor(back, name, key), beside=[groups]).rows


@pytest.mark.parametrize("time", ["x", 5, "2026-13-01", "\ud800"])
def test_a_made_up_cursor_of_times_is_the_first_page(world: SimpleNamespace, as_: SignIn, time: object) -> None:
    as_(world.grace)
    sessions = SignInSession.objects.all()
    assert page_of(sessions, order=("-authenticated_at", "-id"), cursor=cursor(0, time, AN_ID)).rows


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_no_database_has_is_no_fault_of_ours(world: SimpleNamespace, as_: SignIn, time: str) -> None:
    as_(world.grace)
    for back in (0, 1):
        page_of(SignInSession.objects.all(), order=("-authenticated_at", "-id"), cursor=cursor(back, time, AN_ID))
