"""One winner where many ask at once, each on a connection of its own."""

from types import SimpleNamespace

import pytest

from oidc.enums import TokenProblem
from oidc.models import TokenFamily
from tests.conftest import SignIn
from tests.oidc.flow import App, application_of
from tests.oidc.test_bearer import problem_of
from tests.together import together

TRIES = 8


@pytest.fixture
def app(transactional_db: None, world: SimpleNamespace, as_: SignIn) -> App:
    return App(application_of(world.contoso), browser=as_(world.mia))


def test_one_code_many_at_once(app: App) -> None:
    """E02: one of them gets tokens, and because others tried, they end."""
    code = app.code()
    answers = together([lambda: app.redeem(code)] * TRIES, at_once=TRIES)
    won = [one for one in answers if isinstance(one, dict) and one["status"] == 200]
    lost = [one for one in answers if isinstance(one, dict) and one.get("error") == "invalid_grant"]
    assert (len(won), len(lost)) == (1, TRIES - 1), answers
    assert problem_of(won[0]["access_token"]) is TokenProblem.REVOKED
    assert app.refresh(won[0]["refresh_token"])["error"] == "invalid_grant"


def test_one_refresh_token_many_at_once(app: App) -> None:
    """E03: the family ends, the winner's new tokens with it."""
    tokens = app.redeem(app.code())
    answers = together([lambda: app.refresh(tokens["refresh_token"])] * TRIES, at_once=TRIES)
    won = [one for one in answers if isinstance(one, dict) and one["status"] == 200]
    lost = [one for one in answers if isinstance(one, dict) and one.get("error") == "invalid_grant"]
    assert (len(won), len(lost)) == (1, TRIES - 1), answers
    assert problem_of(won[0]["access_token"]) is TokenProblem.REVOKED
    assert app.refresh(won[0]["refresh_token"])["error"] == "invalid_grant"
    assert TokenFamily.objects.get().revoked_at is not None
