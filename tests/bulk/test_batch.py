"""Passes for many: each as a single one would be, made once, handed over once, undone in one go."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.mail import EmailMessage

from accounts import sessions
from accounts.access import Refused, actor_of
from accounts.authority import Actor
from accounts.enums import Role, SessionEnd
from accounts.models import RoleAssignment, SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from bulk import actions, queries, tasks
from bulk.actions import Source
from bulk.enums import Form, OnOpen, RowState, State
from bulk.models import Batch, BatchRow
from config import worker
from core import clock
from core.errors import Conflict, Invalid, NotFound
from tap import actions as tap
from tap.issuing import Wish
from tap.models import TapPolicy, TemporaryAccessPass
from tests.authmethods.test_center_code_shown_once import everything_stored, holds
from tests.bulk.conftest import Draft
from tests.conftest import OPERATOR, SignIn, reached
from tests.running import running_worker


def run(actor: Actor, batch: Batch, on_open: OnOpen = OnOpen.REPLACE) -> str:
    key = actions.start(actor, batch_id=batch.pk, on_open=on_open)
    worker.run_due(["long"])
    batch.refresh_from_db()
    return key


def problems(batch: Batch) -> dict[str, str]:
    return {row.typed: row.problem for row in queries.refused_rows(batch).order_by("position")}


def test_everybody_gets_a_pass_that_works_and_the_codes_come_once(
    world: SimpleNamespace, grace: Actor, draft: Draft
) -> None:
    """A02: until they are handed over no code lies anywhere, afterwards nowhere; A11: an event for each."""
    batch = draft(world.mia, world.tapuser, world.gil, wish=Wish(120, is_usable_once=False, reason="First day"))
    key = run(grace, batch)
    assert batch.state == State.DONE
    stored = everything_stored()
    handed = actions.hand_over(grace, batch_id=batch.pk, key=key, form=Form.ZIP)
    assert [one.user for one in handed] == [world.mia, world.tapuser, world.gil]
    for one in handed:
        assert not holds(stored, one.code)
        assert tap.verify(OPERATOR, upn=one.user.upn, typed=one.code).issued.lifetime_in_minutes == 120
        assert (one.issued.reason, one.issued.issuer) == ("First day", world.grace)
        assert one.code not in repr(one)
    assert key not in stored.decode(errors="replace")
    assert not BatchRow.objects.filter(sealed__isnull=False).exists()
    with pytest.raises(Conflict):
        actions.hand_over(grace, batch_id=batch.pk, key=key, form=Form.ZIP)
    assert AuditEvent.objects.filter(event=Event.PASS_ISSUED).count() == 3
    events = AuditEvent.objects.filter(event__startswith="bulk:").values_list("event", flat=True)
    assert sorted(events) == ["bulk:batch:finished", "bulk:batch:handed_over", "bulk:batch:started"]


def test_who_gets_none_is_said_with_the_reason(world: SimpleNamespace, as_: SignIn, draft: Draft) -> None:
    """A08, A09: the rules of a single issue."""
    User.objects.filter(pk=world.user2.pk).update(is_enabled=False)
    amir = actor_of(as_(world.amir).sign_in_session)  # type: ignore[attr-defined]
    people = [world.mia, "MIA@contoso.com ", "nobody@contoso.com", world.zed, world.grace, world.amir]
    batch = draft(*people, world.vera_external, world.user2, "x" * 400, actor=amir)
    said = problems(batch)
    assert said == {
        "MIA@contoso.com ": "twice",
        "nobody@contoso.com": "unknown",
        "zed@fabrikam.com": "unknown",
        "grace@contoso.com": "target_is_admin",
        "amir@contoso.com": "target_is_self",
        world.vera_external.upn: "external_guest",
        "user2@contoso.com": "user_disabled",
        "x" * 320: "unknown",
    }
    run(amir, batch)
    assert list(TemporaryAccessPass.objects.values_list("user__upn", flat=True)) == ["mia@contoso.com"]


def test_who_may_not_issue_may_not_draft(world: SimpleNamespace, as_: SignIn, draft: Draft) -> None:
    for person in (world.paul, world.rosa, world.mia):
        with pytest.raises(Refused):
            draft(world.gil, actor=actor_of(as_(person).sign_in_session))  # type: ignore[attr-defined]


def test_a_batch_is_its_issuers_alone(world: SimpleNamespace, as_: SignIn, grace: Actor, draft: Draft) -> None:
    """E09: neither the other tenant nor another administrator finds it."""
    batch = draft(world.mia)
    for person in (world.zed, world.priya):
        other = actor_of(as_(person).sign_in_session)  # type: ignore[attr-defined]
        for act in (
            lambda who: actions.start(who, batch_id=batch.pk, on_open=OnOpen.SKIP),
            lambda who: actions.hand_over(who, batch_id=batch.pk, key="A" * 52, form=Form.ZIP),
            lambda who: actions.undo(who, batch_id=batch.pk),
            lambda who: actions.discard(who, batch_id=batch.pk),
        ):
            with pytest.raises(NotFound):
                act(other)


@pytest.mark.parametrize(("on_open", "replaced"), [(OnOpen.REPLACE, True), (OnOpen.SKIP, False)])
def test_people_who_have_a_pass_keep_it_or_not(
    world: SimpleNamespace, grace: Actor, draft: Draft, give_pass: Any, on_open: OnOpen, replaced: bool
) -> None:
    old = give_pass(world.mia)
    batch = draft(world.mia, world.gil)
    assert queries.counts_of(batch).with_pass == 1
    run(grace, batch, on_open)
    assert (TemporaryAccessPass.objects.get(pk=old.issued.pk).replaced_by_id is not None) is replaced
    assert problems(batch) == ({} if replaced else {"mia@contoso.com": "has_pass"})


def test_rights_are_judged_when_the_pass_is_made_not_when_it_was_ordered(
    world: SimpleNamespace, as_: SignIn, draft: Draft
) -> None:
    amir = actor_of(as_(world.amir).sign_in_session)  # type: ignore[attr-defined]
    batch = draft(world.mia, world.gil, actor=amir)
    actions.start(amir, batch_id=batch.pk, on_open=OnOpen.REPLACE)
    RoleAssignment.objects.create(tenant=world.contoso, user=world.mia, role=Role.GLOBAL_READER)
    worker.run_due(["long"])
    assert problems(batch) == {"mia@contoso.com": "target_is_admin"}
    RoleAssignment.objects.filter(user=world.amir).delete()
    other = draft(world.gil, actor=amir)
    actions.start(amir, batch_id=other.pk, on_open=OnOpen.REPLACE)
    worker.run_due(["long"])
    assert problems(other) == {"gil@contoso.com": "no_role"}


@pytest.mark.parametrize(("ending", "goes_on"), [(SessionEnd.SIGNED_OUT, True), (SessionEnd.METHOD_REMOVED, False)])
def test_it_survives_signing_out_but_no_session_that_was_ended_for_cause(
    world: SimpleNamespace, grace: Actor, draft: Draft, ending: SessionEnd, goes_on: bool
) -> None:
    batch = draft(world.mia)
    actions.start(grace, batch_id=batch.pk, on_open=OnOpen.REPLACE)
    sessions.revoke(SignInSession.objects.filter(user=world.grace), ending, now=clock.now())
    with time_machine.travel(clock.now() + timedelta(hours=3)):  # later than a sign-in stays fresh
        worker.run_due(["long"])
    batch.refresh_from_db()
    assert (batch.state, batch.stop_reason) == ((State.DONE, "") if goes_on else (State.STOPPED, "issuer_signed_out"))
    assert TemporaryAccessPass.objects.exists() is goes_on


def test_a_second_run_makes_nothing_twice(world: SimpleNamespace, grace: Actor, draft: Draft) -> None:
    batch = draft(world.mia, world.gil)
    key = actions.start(grace, batch_id=batch.pk, on_open=OnOpen.REPLACE)
    tasks.issue_batch.call(str(batch.pk))
    before = list(TemporaryAccessPass.objects.values_list("pk", "verifier"))
    Batch.objects.update(state=State.RUNNING)
    tasks.issue_batch.call(str(batch.pk))
    assert list(TemporaryAccessPass.objects.values_list("pk", "verifier")) == before
    assert len(actions.hand_over(grace, batch_id=batch.pk, key=key, form=Form.SHEETS)) == 2
    with pytest.raises(Conflict):
        actions.start(grace, batch_id=batch.pk, on_open=OnOpen.REPLACE)


@pytest.mark.parametrize(
    ("meanwhile", "end"),
    [
        (lambda world: RoleAssignment.objects.filter(user=world.grace).delete(), {"gil@contoso.com": "no_role"}),
        (lambda world: TapPolicy.objects.update(is_enabled=False), {"gil@contoso.com": "method_off"}),
        (lambda world: User.objects.filter(pk=world.grace.pk).update(is_enabled=False), "issuer_signed_out"),
    ],
    ids=["role", "policy", "account"],
)
def test_who_loses_the_right_while_codes_are_hashed_issues_to_nobody_more(
    world: SimpleNamespace,
    grace: Actor,
    draft: Draft,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[SimpleNamespace], object],
    end: dict[str, str] | str,
) -> None:
    """The first chunk is written, and something changes while the second is being hashed."""
    monkeypatch.setattr(tasks, "CHUNK", 1)
    batch = draft(world.mia, world.gil)
    real, written = tasks._write_all, list[object]()

    def write_then_change(*chunk: Any) -> bool:
        is_running = real(*chunk)
        written.append(chunk)
        if len(written) == 1:
            meanwhile(world)
        return is_running

    monkeypatch.setattr(tasks, "_write_all", write_then_change)
    run(grace, batch)
    assert TemporaryAccessPass.objects.get().user == world.mia
    assert end in (problems(batch), batch.stop_reason)


def test_who_gets_a_role_while_codes_are_hashed_gets_no_pass_of_one_who_may_not_issue_it(
    world: SimpleNamespace, as_: SignIn, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A09: an Authentication Administrator issues to members."""
    amir = actor_of(as_(world.amir).sign_in_session)  # type: ignore[attr-defined]
    batch = draft(world.mia, world.gil, actor=amir)
    real = tasks._hash

    def hash_and_promote(*arguments: Any) -> Any:
        RoleAssignment.objects.get_or_create(user=world.gil, tenant=world.contoso, role=Role.GLOBAL_READER)
        return real(*arguments)

    class AtOnce(ThreadPoolExecutor):
        def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
            done = Future[Any]()
            done.set_result(work(*arguments, **named))
            return done

    monkeypatch.setattr(tasks, "_hash", hash_and_promote)
    monkeypatch.setattr(tasks, "ThreadPoolExecutor", AtOnce)
    run(amir, batch)
    assert problems(batch) == {"gil@contoso.com": "target_is_admin"}
    assert TemporaryAccessPass.objects.get().user == world.mia


def test_somebody_who_is_disabled_at_the_last_moment_stops_nobody_else(
    world: SimpleNamespace, grace: Actor, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = draft(world.mia, world.gil)
    real = tasks._write_all

    def write_too_late(*chunk: Any) -> bool:
        User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
        return real(*chunk)

    monkeypatch.setattr(tasks, "_write_all", write_too_late)
    run(grace, batch)
    assert problems(batch) == {"mia@contoso.com": "changed_meanwhile"}
    assert TemporaryAccessPass.objects.get().user == world.gil


def test_undo_deletes_what_nobody_used(
    world: SimpleNamespace, grace: Actor, draft: Draft, mailoutbox: list[EmailMessage]
) -> None:
    batch = draft(world.mia, world.gil, world.tapuser)
    key = run(grace, batch)
    handed = {one.user: one for one in actions.hand_over(grace, batch_id=batch.pk, key=key, form=Form.ZIP)}
    tap.claim(OPERATOR, verified=tap.verify(OPERATOR, upn=world.mia.upn, typed=handed[world.mia].code))
    assert actions.undo(grace, batch_id=batch.pk) == 2
    assert actions.undo(grace, batch_id=batch.pk) == 0
    assert list(TemporaryAccessPass.objects.open().values_list("user__upn", flat=True)) == ["mia@contoso.com"]
    assert AuditEvent.objects.filter(event=Event.PASS_DELETED).count() == 2
    assert queries.counts_of(batch).undone == 2


def test_a_draft_cannot_be_undone_and_started_afterwards(grace: Actor, draft: Draft, world: SimpleNamespace) -> None:
    batch = draft(world.mia)
    with pytest.raises(Conflict):
        actions.undo(grace, batch_id=batch.pk)
    assert Batch.objects.get().undone_at is None


def test_undo_stops_what_is_under_way(world: SimpleNamespace, grace: Actor, draft: Draft) -> None:
    batch = draft(world.mia, world.gil)
    actions.start(grace, batch_id=batch.pk, on_open=OnOpen.REPLACE)
    actions.undo(grace, batch_id=batch.pk)
    worker.run_due(["long"])
    assert not TemporaryAccessPass.objects.exists()


@pytest.mark.parametrize("key", ["", "A" * 52, "nonsense!", "Z" * 10_000])
def test_another_key_opens_nothing_and_uses_nothing_up(
    world: SimpleNamespace, grace: Actor, draft: Draft, key: str
) -> None:
    batch = draft(world.mia)
    right = run(grace, batch)
    with pytest.raises(Invalid):
        actions.hand_over(grace, batch_id=batch.pk, key=key, form=Form.ZIP)
    typed = "-".join(right[at : at + 4] for at in range(0, len(right), 4)).lower()
    assert len(actions.hand_over(grace, batch_id=batch.pk, key=typed, form=Form.ZIP)) == 1


def test_nothing_is_issued_where_the_policy_is_off(world: SimpleNamespace, grace: Actor, draft: Draft) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    batch = draft(world.mia)
    assert problems(batch) == {"mia@contoso.com": "method_off"}


def test_a_list_of_nobody_or_of_too_many_is_refused(
    world: SimpleNamespace, grace: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_PEOPLE", 2)
    for upns in ([], ["a@b.c", "d@e.f", "g@h.i"]):
        with pytest.raises(Invalid):
            actions.draft(grace, batch_id=uuid4(), source=Source("x", upns=upns), wish=Wish())
    assert not Batch.objects.exists()


def test_a_form_sent_twice_drafts_once(world: SimpleNamespace, grace: Actor) -> None:
    batch_id = uuid4()
    for _ in range(2):
        made = actions.draft(grace, batch_id=batch_id, source=Source("x", upns=["mia@contoso.com"]), wish=Wish())
    assert made.pk == batch_id
    assert BatchRow.objects.count() == 1


def test_what_nobody_fetches_is_erased(world: SimpleNamespace, grace: Actor, draft: Draft) -> None:
    batch = draft(world.mia)
    run(grace, batch)
    draft(world.gil)
    assert actions.forget_old(now=clock.now() + timedelta(hours=23)) == 0
    actions.forget_old(now=clock.now() + timedelta(days=8))
    assert Batch.objects.get() == batch
    assert not BatchRow.objects.filter(sealed__isnull=False).exists()
    assert BatchRow.objects.get().state == RowState.ISSUED


def test_nested_groups_are_resolved(world: SimpleNamespace) -> None:
    found = queries.members(world.groups["Everyone new"], most=10)
    assert set(found) == {world.tapuser.id, world.user2.id, world.user3.id, world.gil.id}


def test_the_single_issue_is_the_same_core(world: SimpleNamespace, grace: Actor) -> None:
    made = tap.issue(grace, target=reached(world.mia, grace))
    assert made.issued.issuer_id == world.grace.id


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_batch_loses_nobody_and_issues_to_nobody_twice(
    world: SimpleNamespace, grace: Actor
) -> None:
    """A real process, killed with SIGKILL while it hashes; the next one goes on where it stopped."""
    users = [User(tenant=world.contoso, upn=f"n{at}@contoso.com", created_at=clock.now()) for at in range(600)]
    for user in users:
        user.fill_keys()
    User.objects.bulk_create(users)
    source = Source("many", user_ids=[user.pk for user in users])
    batch = actions.draft(grace, batch_id=uuid4(), source=source, wish=Wish())
    key = actions.start(grace, batch_id=batch.pk, on_open=OnOpen.REPLACE)
    with running_worker({"ARGON2_MEMORY_KIB": "4096"}) as first:
        ends = time.monotonic() + 90
        while not TemporaryAccessPass.objects.exists():
            assert time.monotonic() < ends
        first.kill()
        first.wait(5)
    done = TemporaryAccessPass.objects.count()
    assert 0 < done < 600
    assert done == BatchRow.objects.filter(state=RowState.ISSUED).count()
    before = dict(TemporaryAccessPass.objects.values_list("pk", "verifier"))
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        worker.beat("next")
        worker.run_due(["long"])
    passes = dict(TemporaryAccessPass.objects.values_list("pk", "verifier"))
    assert len(passes) == 600
    assert before.items() <= passes.items()
    assert AuditEvent.objects.filter(event=Event.PASS_ISSUED).count() == 600
    handed = actions.hand_over(grace, batch_id=batch.pk, key=key, form=Form.ZIP)
    assert len({one.user.pk for one in handed}) == 600
    first_one = handed[0]
    assert tap.verify(OPERATOR, upn=first_one.user.upn, typed=first_one.code)
