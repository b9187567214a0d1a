"""Who looks at the directory, and many people in it."""

from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from tests.conftest import SignIn


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


@pytest.fixture
def crowd(world: SimpleNamespace) -> list[User]:
    """120 more people, whose names begin with Z."""
    people = [
        User(
            tenant=world.contoso,
            upn=f"z{number:03}@contoso.com",
            display_name=f"Zoe {number:03}",
            created_at=clock.now(),
        )
        for number in range(120)
    ]
    for person in people:
        person.fill_keys()
    return User.objects.bulk_create(people)
