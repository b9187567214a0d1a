"""The few things the support desk changes: offered and allowed by the caller's own directory roles, and by nothing else."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from accounts.enums import MethodKind, Role
from accounts.models import RoleAssignment, SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from core.secrets import group
from notices.enums import Kind
from notices.models import Notice
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.authmethods.center import code_in, fields_at, pass_of, plain_text_of, text_of
from tests.conftest import SignIn
from tests.support.desk import person_url

GivePass = Callable[..., Issued]
A, P, G, U = (
    Role.AUTHENTICATION_ADMINISTRATOR,
    Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    Role.GLOBAL_ADMINISTRATOR,
    Role.USER_ADMINISTRATOR,
)
# Which of the writes a role may do to a member and to an administrator, from the specification's list of roles.
TABLE: dict[Role | None, tuple[set[str], set[str]]] = {
    None: (set(), set()),
    Role.GLOBAL_READER: (set(), set()),
    Role.AUTHENTICATION_POLICY_ADMINISTRATOR: (set(), set()),
    U: ({"disable", "enable"}, set()),
    A: ({"issue", "delete_pass", "end_sessions"}, set()),
    P: ({"issue", "delete_pass", "end_sessions"}, {"issue", "delete_pass", "end_sessions"}),
    G: ({"issue", "delete_pass", "end_sessions", "disable", "enable"},) * 2,
}
WRITES = ["issue", "delete_pass", "end_sessions", "disable", "enable"]


def sam(world: SimpleNamespace, as_: SignIn, role: Role | None, method: MethodKind = MethodKind.FIDO2) -> Client:
    """Sam, with a role beside his place at the desk."""
    if role is not None:
        RoleAssignment.objects.create(tenant=world.contoso, user=world.sam, role=role)
    return as_(world.sam, method)


@pytest.mark.parametrize("target", ["tapuser", "priya"])
@pytest.mark.parametrize("role", list(TABLE), ids=lambda role: role.name.lower() if role else "no role")
def test_a_write_is_offered_and_done_where_the_roles_reach(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, role: Role | None, target: str
) -> None:
    """A08, A09: the desk adds no right; an administrator is out of an Authentication Administrator's reach here too."""
    person, client = getattr(world, target), sam(world, as_, role)
    issued = give_pass(person).issued
    allowed = TABLE[role][target == "priya"]
    page = client.get(person_url(person))
    offered = {url.split("/")[-2] for _, url, _ in page.context["commands"]}
    names = {"delete_pass": "delete", "end_sessions": "end"}
    assert offered == {names.get(one, one) for one in allowed - {"enable"}}
    for view in WRITES:
        more = [issued.id] if view == "delete_pass" else []
        for answer in (client.get(person_url(person, view, *more)), client.post(person_url(person, view, *more))):
            if view not in allowed:
                assert answer.status_code == 403, view
            else:
                assert answer.status_code in (200, 302), view
        User.objects.filter(pk=person.pk).update(is_enabled=True)
    is_gone = "delete_pass" in allowed or "disable" in allowed
    assert (pass_of(person) is None) is is_gone


@pytest.mark.parametrize("view", WRITES)
def test_he_does_nothing_to_himself(world: SimpleNamespace, as_: SignIn, give_pass: GivePass, view: str) -> None:
    """A08: nobody issues to himself, whatever his role and whichever page he asks."""
    issued = give_pass(world.sam).issued
    client = sam(world, as_, G)
    more = [issued.id] if view == "delete_pass" else []
    assert client.post(person_url(world.sam, view, *more)).status_code == 403
    assert client.get(person_url(world.sam)).context["commands"] == []
    assert pass_of(world.sam) == issued


@pytest.mark.parametrize("name", ["amir", "grace"])
def test_a_role_without_a_place_at_the_desk_does_nothing_here(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, name: str
) -> None:
    issued = give_pass(world.tapuser).issued
    client = as_(getattr(world, name))
    for view in WRITES:
        more = [issued.id] if view == "delete_pass" else []
        assert client.post(person_url(world.tapuser, view, *more)).status_code == 403
    assert pass_of(world.tapuser) == issued


def test_a_code_is_shown_once(world: SimpleNamespace, as_: SignIn) -> None:
    """A02: in the answer that made it, and never again, whatever is sent twice."""
    client = sam(world, as_, A)
    data = fields_at(client, person_url(world.tapuser, "issue"), reason="INC-7")
    answer = client.post(person_url(world.tapuser, "issue"), data)
    code = code_in(answer).replace("-", "").replace(" ", "")
    assert len(code) == 8
    assert answer.headers["Cache-Control"] == "no-store"
    again = client.post(person_url(world.tapuser, "issue"), data)
    assert again.status_code == 409
    pages = [again, client.get(person_url(world.tapuser)), client.get(person_url(world.tapuser, "history"))]
    for page in pages:
        assert not any(one in text_of(page) for one in (code, "-".join(group(code))))
    issued = pass_of(world.tapuser)
    assert issued is not None
    assert (issued.issuer_id, issued.reason) == (world.sam.id, "INC-7")
    event = AuditEvent.objects.get(event=Event.PASS_ISSUED, target_id=world.tapuser.id)
    assert (event.actor_id, event.detail["pass"]) == (world.sam.id, str(issued.id))


def test_what_was_typed_is_not_lost_where_the_sign_in_is_old(world: SimpleNamespace, as_: SignIn) -> None:
    client = sam(world, as_, A)
    data = fields_at(client, person_url(world.tapuser, "issue"), reason="INC-8")
    SignInSession.objects.filter(user=world.sam).update(authenticated_at=clock.now() - timedelta(minutes=61))
    answer = client.post(person_url(world.tapuser, "issue"), data)
    assert answer.status_code == 403
    assert "No pass was added yet." in plain_text_of(answer)
    assert 'value="INC-8"' in text_of(answer)
    assert pass_of(world.tapuser) is None
    assert client.post(person_url(world.tapuser, "end_sessions"))["Location"].startswith("/signin/confirm/")


def test_a_pass_does_not_do_where_a_lasting_method_is_asked_for(world: SimpleNamespace, as_: SignIn) -> None:
    """A10: the organisation's rule for issuers counts here too."""
    client = sam(world, as_, A, MethodKind.TEMPORARY_ACCESS_PASS)
    world.contoso.issuer_strength = "lasting_method"
    world.contoso.save()
    assert client.get(person_url(world.tapuser)).context["commands"] == []
    assert client.get(person_url(world.tapuser, "issue")).status_code == 302
    assert client.post(person_url(world.tapuser, "disable")).status_code in (302, 403)


def test_each_act_happens_and_is_recorded_as_his(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """A11, A12: who did it is recorded, and the person is told, as from everywhere else."""
    client, person = sam(world, as_, G), world.tapuser
    their = as_(person)
    issued = give_pass(person).issued
    assert client.post(person_url(person, "delete_pass", uuid4())).status_code == 404
    client.post(person_url(person, "delete_pass", issued.id))
    client.post(person_url(person, "end_sessions"))
    assert their.get("/mysecurityinfo/").status_code == 302
    said = client.get(person_url(person))
    assert "1 session ended." in plain_text_of(said)
    client.post(person_url(person, "disable"))
    assert not User.objects.get(pk=person.pk).is_enabled
    client.post(person_url(person, "enable"))
    assert User.objects.get(pk=person.pk).is_enabled
    done = AuditEvent.objects.filter(actor_id=world.sam.id, target_id=person.id).order_by("id")
    assert [event.event for event in done] == [
        Event.PASS_DELETED, Event.SESSIONS_REVOKED, Event.USER_DISABLED, Event.USER_ENABLED
    ]  # fmt: skip
    assert TemporaryAccessPass.objects.get(pk=issued.pk).deleted_at is not None
    assert all((event.session_id, event.address) == (client.sign_in_session.id, "127.0.0.1") for event in done)  # type: ignore[attr-defined]
    told = Notice.objects.filter(person=person).order_by("due_at")
    assert [notice.kind for notice in told] == [Kind.PASS_ISSUED, Kind.PASS_DELETED]
