"""A11: whatever concerns a pass, a method or a session leaves its event: who, whom, where, from where, in which session."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from accounts import actions as accounts
from accounts.access import actor_of
from accounts.authority import Actor
from accounts.enums import Act
from audit.activities import ACTIVITIES
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from audit.pruning import prune
from audit.queries import Filters
from audit.reasons import REASONS
from audit.sealing import seal_all
from authmethods import actions as methods
from authmethods import passwords
from config.housekeeping import tidy
from core import clock
from core.errors import DomainError
from core.limits import Lane
from signin import actions as signin
from tap import actions as tap
from tap.enums import Block, Usability
from tests.authmethods.steps import BROWSER, answer, make_key
from tests.conftest import SignIn, reached, session_of

STRANGER = Actor(address="192.0.2.9", user_agent="Firefox/140", request_id="0123456789abcdef")
WRONG = "AAAABBBB"
LANE = Lane("lane", limit=1, window=60)


class Stage:
    """Grace, who administers, and Mia, whom things happen to, each in a session; and every code that was made."""

    def __init__(self, world: SimpleNamespace, as_: SignIn) -> None:
        self.world, self.mia = world, world.mia
        self.grace_client, self.mia_client = as_(world.grace), as_(world.mia)
        self.codes: list[str] = []

    @property
    def grace(self) -> Actor:
        return self.actor(self.grace_client)

    @property
    def own(self) -> Actor:
        return self.actor(self.mia_client)

    def actor(self, client: Any) -> Actor:
        return actor_of(
            session_of(client), address="198.51.100.1", user_agent="Chrome/140", request_id="fedcba9876543210"
        )

    def issue(self, **wishes: Any) -> tap.Issued:
        made = tap.issue(self.grace, target=reached(self.mia, self.grace), **wishes)
        self.codes.append(made.code)
        return made

    def register(self) -> Any:
        key = make_key()
        options = methods.begin_registration(self.own, user=self.mia)
        return key, methods.finish_registration(
            self.own, user=self.mia, credential=key.register(options), name="Laptop"
        )

    def fail(self, what: Callable[[], object]) -> None:
        with pytest.raises(DomainError):
            what()


Does = Callable[[Stage], object]


def enter_wrong(stage: Stage, times: int = 1) -> None:
    stage.issue()
    for _ in range(times):
        stage.fail(lambda: tap.verify(STRANGER, upn=stage.mia.upn, typed=WRONG))


def lock(stage: Stage) -> None:
    stage.issue()
    with time_machine.travel(clock.now(), tick=False) as clock_:
        for _ in range(100):
            clock_.shift(timedelta(hours=2))
            try:
                tap.verify(STRANGER, upn=stage.mia.upn, typed=WRONG)
            except DomainError:
                continue


def use_passkey(stage: Stage) -> None:
    key, _ = stage.register()
    signin.sign_in_with_passkey(STRANGER, credential=answer(key, stage.mia), browser=BROWSER)


def forged_passkey(stage: Stage) -> None:
    key, _ = stage.register()
    stage.fail(
        lambda: signin.sign_in_with_passkey(
            STRANGER, credential=answer(key, stage.mia, is_forged=True), browser=BROWSER
        )
    )


def refuse_registration(stage: Stage) -> None:
    options = methods.begin_registration(stage.own, user=stage.mia)
    credential = make_key().register(options, uv=False)
    stage.fail(lambda: methods.finish_registration(stage.own, user=stage.mia, credential=credential))


def reset_password(stage: Stage) -> None:
    passwords.set_password(stage.own, user=stage.mia, password="a long enough one")
    passwords.reset_password(stage.grace, target=reached(stage.mia, stage.grace))


def use_password(stage: Stage) -> None:
    passwords.set_password(stage.own, user=stage.mia, password="a long enough one")
    signin.sign_in_with_password(STRANGER, upn=stage.mia.upn, typed="a long enough one")


def expire(stage: Stage) -> None:
    stage.issue(lifetime_in_minutes=60)
    tidy(now=clock.now() + timedelta(hours=2))
    tidy(now=clock.now() + timedelta(hours=2))


# What is done → its event, by whom: grace, mia (her own), the stranger at the door (who has proved to be mia: proved).
ACTS: dict[Event, tuple[Does, str]] = {
    Event.PASS_ISSUED: (lambda stage: stage.issue(), "grace"),
    Event.PASS_VIEWED: (
        lambda stage: tap.view(stage.grace, target=reached(stage.mia, stage.grace), issued=stage.issue().issued),
        "grace",
    ),
    Event.PASS_DELETED: (
        lambda stage: tap.delete(stage.grace, pass_id=stage.issue().issued.id, target=reached(stage.mia, stage.grace)),
        "grace",
    ),
    Event.PASS_USED: (
        lambda stage: signin.sign_in_with_pass(STRANGER, upn=stage.mia.upn, typed=stage.issue().code),
        "proved",
    ),
    Event.SIGNED_IN: (
        lambda stage: signin.sign_in_with_pass(STRANGER, upn=stage.mia.upn, typed=stage.issue().code),
        "proved",
    ),
    Event.PASS_REFUSED: (enter_wrong, "stranger"),
    Event.ATTEMPTS_LIMITED: (lambda stage: enter_wrong(stage, 5), "stranger"),
    Event.PASS_LOCKED: (lock, "stranger"),
    Event.PASS_EXPIRED: (expire, "system"),
    Event.PASSKEY_STARTED: (lambda stage: methods.begin_registration(stage.own, user=stage.mia), "mia"),
    Event.PASSKEY_REGISTERED: (lambda stage: stage.register(), "mia"),
    Event.PASSKEY_NOT_REGISTERED: (refuse_registration, "mia"),
    Event.PASSKEY_RENAMED: (
        lambda stage: methods.rename_passkey(
            stage.own, user=stage.mia, passkey_id=stage.register()[1].id, name="Phone"
        ),
        "mia",
    ),
    Event.PASSKEY_DELETED: (
        lambda stage: methods.remove_passkey_of(
            stage.grace, passkey_id=stage.register()[1].id, target=reached(stage.mia, stage.grace)
        ),
        "grace",
    ),
    Event.PASSKEY_USED: (use_passkey, "proved"),
    Event.PASSKEY_REFUSED: (forged_passkey, "stranger"),
    Event.PASSWORD_CHANGED: (
        lambda stage: passwords.set_password(stage.own, user=stage.mia, password="a long enough one"),
        "mia",
    ),
    Event.PASSWORD_RESET: (reset_password, "grace"),
    Event.PASSWORD_USED: (use_password, "proved"),
    Event.PASSWORD_REFUSED: (
        lambda stage: stage.fail(lambda: passwords.verify_password(STRANGER, upn=stage.mia.upn, typed="wrong")),
        "stranger",
    ),
    Event.REREGISTRATION_REQUIRED: (
        lambda stage: methods.require_reregistration(stage.grace, target=reached(stage.mia, stage.grace)),
        "grace",
    ),
    Event.SESSIONS_REVOKED: (
        lambda stage: accounts.revoke_sessions(stage.grace, target=reached(stage.mia, stage.grace)),
        "grace",
    ),
    Event.SIGNED_OUT: (lambda stage: signin.sign_out(stage.own, session=session_of(stage.mia_client)), "mia"),
    Event.ACCESS_DENIED: (
        lambda stage: stage.fail(lambda: reached(stage.mia, stage.own).require(Act.PASS_ISSUE)),
        "mia",
    ),
}
# Of the organisation, or of other rooms, whose own tests look at them.
ROOT = Path(__file__).resolve().parents[2]
PRODUCT = {"accounts", "tap", "authmethods", "signin", "oidc", "bulk", "directory", "notices", "config", "graph"}
REASON = r'(?:reason=|stop\(batch, )"([a-z_]+)"'
ELSEWHERE = (
    "bulk:",
    "notices:",
    "authmethods:notice:",
    "authmethods:campaign:",
    "authmethods:registration:",
    "accounts:user:",
    "accounts:users:",
    "accounts:import:",
    "accounts:group:",
    "accounts:role:",
    "accounts:tenant:",
    "accounts:domain:",
    "oidc:",
    "config:",
)
OF_THE_ORGANISATION = (
    Event.TAP_POLICY_CHANGED,
    Event.TAP_POLICY_RESET,
    Event.PASSKEY_POLICY_CHANGED,
    Event.PASSKEY_POLICY_RESET,
    Event.LOG_EXPORTED,
    Event.LOG_PRUNED,
)


@pytest.fixture
def stage(world: SimpleNamespace, as_: SignIn) -> Stage:
    return Stage(world, as_)


@pytest.mark.parametrize("event", ACTS, ids=lambda one: one.value)
def test_it_leaves_its_event(stage: Stage, event: Event) -> None:
    """A11: actor, target, tenant, address, session; and nothing secret in any event."""
    does, by = ACTS[event]
    does(stage)
    (found,) = AuditEvent.objects.filter(event=event, target_id=stage.mia.id).order_by("-id")[:1]
    who: dict[str, tuple[UUID | None, str, str, UUID | None]] = {
        "grace": (stage.world.grace.id, "198.51.100.1", "fedcba9876543210", session_of(stage.grace_client).id),
        "mia": (stage.mia.id, "198.51.100.1", "fedcba9876543210", session_of(stage.mia_client).id),
        "proved": (stage.mia.id, "192.0.2.9", "0123456789abcdef", found.session_id),
        "stranger": (None, "192.0.2.9", "0123456789abcdef", None),
        "system": (None, "", "", None),
    }
    assert (found.actor_id, found.address, found.request_id, found.session_id) == who[by]
    if by == "proved":
        assert stage.mia.sign_in_sessions.filter(pk=found.session_id).exists()
    assert (found.tenant_id, found.target_name) == (stage.world.contoso.id, stage.mia.upn)
    assert found.actor_name == {"stranger": "anonymous", "system": "system"}.get(by, found.actor_name) != ""
    assert found.activity == ACTIVITIES[event].name_for(is_own=found.actor_id == found.target_id)
    assert (found.outcome == Outcome.SUCCESS) is (not found.reason and event is not Event.PASS_LOCKED)
    assert not found.reason or found.reason in REASONS
    assert not has_secret(stage)


def has_secret(stage: Stage) -> bool:
    """Look for every code that was made, in any spelling, and for the password, in all that was recorded."""
    everything = repr(list(AuditEvent.objects.values()))
    plain = re.sub(r"[^A-Z0-9]", "", everything.upper())
    return any(code in plain for code in stage.codes) or "a long enough one" in everything or WRONG in plain


def test_the_table_is_complete() -> None:
    """A11: an event added later needs its act here, unless it is of the organisation or another room's."""
    expected = {event for event in Event if not event.value.startswith(ELSEWHERE)} - set(OF_THE_ORGANISATION)
    assert set(ACTS) == expected


@pytest.mark.parametrize("event", list(Event), ids=lambda one: one.value)
def test_every_event_has_its_activity(event: Event) -> None:
    """Whoever adds an event says what it is to Graph and to people; a column holds the longest name."""
    activity = ACTIVITIES[event]
    assert activity.name
    assert str(activity.words)
    assert max(len(activity.name), len(activity.own_name)) <= 64


def test_monitoring_rules_match_letter_by_letter() -> None:
    """The names and reasons that detection rules for the original look for."""
    issued, deleted = ACTIVITIES[Event.PASS_ISSUED], ACTIVITIES[Event.PASS_DELETED]
    assert (issued.name_for(is_own=False), issued.reason_for(is_own=False)) == (
        "Admin registered security info",
        "Admin registered temporary access pass method for user",
    )
    assert (issued.category.value, issued.operation.value) == ("UserManagement", "Add")
    assert deleted.name_for(is_own=False) == "Admin deleted security info"
    assert deleted.name_for(is_own=True) == "User deleted security info"
    assert ACTIVITIES[Event.PASSKEY_REGISTERED].name_for(is_own=True) == "User registered security info"
    assert ACTIVITIES[Event.PASSKEY_STARTED].name_for(is_own=True) == "User started security info registration"
    assert ACTIVITIES[Event.TAP_POLICY_CHANGED].name == "Authentication Methods Policy Update"
    assert ACTIVITIES[Event.TAP_POLICY_RESET].name == "Authentication Methods Policy Reset"


def test_every_reason_of_a_pass_has_words() -> None:
    assert {*Usability.values, *filter(None, Block.values)} - set(REASONS) == {"EnabledByPolicy"}


def test_every_reason_that_is_written_down_has_words() -> None:
    """A11: nobody reads `mail_server` in a log."""
    sources = [path for path in ROOT.glob("*/**/*.py") if path.relative_to(ROOT).parts[0] in PRODUCT]
    named = {one for path in sources for one in re.findall(REASON, path.read_text(encoding="utf-8"))}
    assert {"mail_server", "undone"} <= named
    assert named - set(REASONS) == set()


def test_a_pass_that_ends_is_noted_once(stage: Stage) -> None:
    expire(stage)
    event = AuditEvent.objects.get(event=Event.PASS_EXPIRED)
    assert event.detail["uses"] == 0


def test_looking_at_the_page_of_a_person_with_a_pass_is_viewing(stage: Stage) -> None:
    """A11: view. One's own pass, or a person without one, is nothing to note."""
    address = reverse("authmethods:user_methods", args=[stage.mia.id])
    stage.grace_client.get(address)
    assert not AuditEvent.objects.filter(event=Event.PASS_VIEWED).exists()
    stage.issue()
    stage.grace_client.get(address)
    assert AuditEvent.objects.get(event=Event.PASS_VIEWED).actor_id == stage.world.grace.id


def test_what_the_organisation_does_is_recorded(stage: Stage) -> None:
    tap.change_policy(stage.grace, version=1, settings={"default_length": 9})
    tap.reset_policy(stage.grace, version=2)
    list(accounts.export_log(stage.grace, wanted=Filters()))
    seal_all()
    prune(before=clock.now() + timedelta(minutes=1))
    found = dict(AuditEvent.objects.filter(tenant_id=stage.world.contoso.id).values_list("event", "actor_name"))
    assert found[Event.LOG_PRUNED] == "system"


def test_attempts_that_wait_leave_no_event(stage: Stage) -> None:
    """Nobody can fill the log by hammering at a door that is closed."""
    enter_wrong(stage, 5)
    before = AuditEvent.objects.count()
    for _ in range(20):
        stage.fail(lambda: tap.verify(STRANGER, upn=stage.mia.upn, typed=WRONG))
    assert AuditEvent.objects.count() == before
    assert AuditEvent.objects.filter(event=Event.ATTEMPTS_LIMITED).count() == 1


def test_recording_is_one_statement(stage: Stage, django_assert_num_queries: Callable[..., Any]) -> None:
    """Chaining never stands in a sign-in's way: no lock, no look at the event before."""
    with django_assert_num_queries(1) as done:
        accounts.note_limit(STRANGER, stage.mia, [LANE], {LANE.key: 1})
    assert done.captured_queries[0]["sql"].startswith("INSERT INTO")
    assert connection.in_atomic_block
