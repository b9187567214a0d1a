"""What the tests of batches share."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest

from accounts.access import actor_of
from accounts.authority import Actor
from accounts.models import User
from bulk import actions
from bulk.actions import Source
from bulk.models import Batch
from tap.issuing import Wish
from tests.conftest import SignIn

Draft = Callable[..., Batch]


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Actor:
    return actor_of(as_(world.grace).sign_in_session)  # type: ignore[attr-defined]


@pytest.fixture
def draft(grace: Actor) -> Draft:
    """A batch for some people, ordered by Grace unless somebody else is named."""

    def make(*people: User | str, actor: Actor = grace, wish: Wish = Wish()) -> Batch:  # noqa: B008
        upns = [one if isinstance(one, str) else one.upn for one in people]
        return actions.draft(actor, batch_id=uuid4(), source=Source("a list", upns=upns), wish=wish)

    return make
