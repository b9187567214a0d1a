"""The people and group picker."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Group, User
from core import clock


def picked(client: Client, **query: str) -> list[dict[str, str]]:
    results: list[dict[str, str]] = client.get(
        reverse("accounts:principals"), query, headers={"Accept": "application/json"}
    ).json()["results"]
    return results


def test_the_picker_finds_groups_and_people(world: SimpleNamespace, grace: Client) -> None:
    group = world.groups["Break glass"]
    assert picked(grace, q="break") == [
        {"id": str(group.id), "type": "group", "name": "Break glass", "detail": group.description},
        {"id": str(world.breakglass.id), "type": "user", "name": "Break Glass", "detail": "breakglass@contoso.com"},
    ]
    assert [one["type"] for one in picked(grace, q="break", type="user")] == ["user"]
    assert [one["type"] for one in picked(grace, q="break", type="group")] == ["group"]


@pytest.mark.parametrize("query", ["", " ", "zed", "almeida", "fabrikam.com ", "x" * 10_000])
def test_the_picker_offers_nothing_where_nothing_matches(grace: Client, query: str) -> None:
    assert [one["name"] for one in picked(grace, q=query)] in ([], ["Vera Novak"])


def test_the_picker_leaves_room_for_people_and_groups(world: SimpleNamespace, grace: Client, crowd: list[User]) -> None:
    Group.objects.bulk_create(
        Group(tenant=world.contoso, name=f"Zoe's {number}", name_key=f"zoe's {number:02}", created_at=clock.now())
        for number in range(30)
    )
    results = picked(grace, q="zoe")
    assert [one["type"] for one in results] == ["group"] * 10 + ["user"] * 10
    assert [one["name"] for one in results[10:]] == [f"Zoe {number:03}" for number in range(10)]
    assert len(picked(grace, q="zoe", type="user")) == 20


def test_the_picker_answers_a_browser_with_a_page(world: SimpleNamespace, grace: Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = grace.get(reverse("accounts:principals"), {"q": "mia"}, headers=browser)
    assert reverse("accounts:user", args=[world.mia.id]) in answer.content.decode()
    nothing = grace.get(reverse("accounts:principals"), {"q": "xyz"}, headers=browser)
    assert "No groups or users match “xyz”." in nothing.content.decode()
