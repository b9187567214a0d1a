"""``manage.py api_token`` and ``manage.py rotate_keys``."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from accounts.access import Refused, reach
from accounts.enums import Act, MethodKind
from accounts.models import SignInSession
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from oidc import keys
from oidc.enums import TokenProblem
from oidc.jose import TokenRefused
from oidc.models import Application
from oidc.tokens import bearer_of, graph_audience
from tests.oidc.conftest import asking

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        try:
            call_command("api_token", *words)
        except SystemExit as stopped:
            return (int(stopped.code or 0), *capsys.readouterr())
        return (0, *capsys.readouterr())

    return call


def test_a_token_for_a_person(world: SimpleNamespace, run: Run) -> None:
    """It says that the operator vouched, ends in an hour, and is printed once: no event holds it."""
    code, out, _ = run("grace@contoso.com", "--scope", "User.Read.All useRAuthenticationMethod.ReadWrite.All")
    text = out.strip()
    bearer = bearer_of(asking(text), graph_audience())
    assert (code, bearer.actor.user_id) == (0, world.grace.id)
    assert bearer.scopes == {"User.Read.All", "UserAuthenticationMethod.ReadWrite.All"}
    session = SignInSession.objects.get(user=world.grace)
    assert (session.method, session.amr) == (MethodKind.OPERATOR, ["operator"])
    assert 3590 < (session.ends_at - clock.now()).total_seconds() <= 3600
    assert reach(bearer.actor, world.priya.id, Act.PASS_ISSUE).user == world.priya
    event = AuditEvent.objects.get(event=Event.TOKEN_ISSUED)
    assert (event.actor_name, event.target_id) == ("operator", world.grace.id)
    assert not any(text in json.dumps(one.detail) for one in AuditEvent.objects.all())


def test_an_application_is_registered_by_an_administrator_only(world: SimpleNamespace, run: Run) -> None:
    """The operator gives no permission; a Global Administrator does, under his rights."""
    ask = ("--app", "Sync", "--scope", "UserAuthenticationMethod.ReadWrite.All")
    assert run(*ask)[0] == 5
    assert run("--app", "Sync")[0] == 3
    assert run(*ask, "--as", "amir@contoso.com")[0] == 4
    assert not Application.objects.filter(name="Sync").exists()
    code, out, _ = run(*ask, "--as", "grace@contoso.com", "--json")
    bearer = bearer_of(asking(json.loads(out)["access_token"]), graph_audience())
    assert (code, bearer.is_app_only, bearer.actor.tenant_id) == (0, True, world.contoso.id)
    assert reach(bearer.actor, world.grace.id, Act.PASS_ISSUE).user == world.grace
    assert run("--app", "Sync")[0] == 0
    given = AuditEvent.objects.get(event=Event.CONSENT_GRANTED)
    assert (given.actor_id, given.detail["for_everybody"]) == (world.grace.id, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("grace@contoso.com", "--app", "x"), 2),
        (("grace@contoso.com", "--scope", "User.Read", "--minutes", "0"), 2),
        (("grace@contoso.com", "--scope", "User.Read", "--minutes", "721"), 2),
        (("grace@contoso.com",), 5),
        (("grace@contoso.com", "--scope", "User.Reed"), 5),
        (("nobody@contoso.com", "--scope", "User.Read"), 3),
        (("vera_fabrikam.com#EXT#@contoso.com", "--scope", "User.Read"), 5),
        (("--app", "x", "--as", "grace@contoso.com", "--scope", "openid"), 5),
    ],
)
def test_what_it_refuses(world: SimpleNamespace, run: Run, words: tuple[str, ...], code: int) -> None:
    """One line that says why, an exit code, and no token."""
    got, out, error = run(*words)
    assert (got, out) == (code, "")
    assert error.startswith("api_token: ")
    assert not SignInSession.objects.filter(method=MethodKind.OPERATOR).exists()


def test_a_token_for_a_member_reaches_nobody_else(world: SimpleNamespace, run: Run) -> None:
    _, out, _ = run("mia@contoso.com", "--scope", "UserAuthenticationMethod.ReadWrite.All")
    actor = bearer_of(asking(out.strip()), graph_audience()).actor
    with pytest.raises(Refused):
        reach(actor, world.tapuser.id, Act.PASS_VIEW)


def test_rotating_keys(world: SimpleNamespace, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """E05: from the command line; ``--at-once`` ends what earlier keys signed."""
    text = run("grace@contoso.com", "--scope", "User.Read")[1].strip()
    call_command("rotate_keys")
    assert keys.published(now=clock.now())[0]["kid"] in capsys.readouterr().out
    assert bearer_of(asking(text), graph_audience())
    call_command("rotate_keys", "--at-once")
    with pytest.raises(TokenRefused) as refused:
        bearer_of(asking(text), graph_audience())
    assert refused.value.problem is TokenProblem.WRONG_SIGNATURE
    assert [one.detail["at_once"] for one in AuditEvent.objects.filter(event=Event.KEYS_ROTATED).order_by("id")] == [
        False,
        True,
    ]
