"""The queue of notices: with the act, in order, once, and whatever the mail server does."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import worker
from core import clock
from notices import actions as notices
from notices import delivery
from notices.enums import Kind, Outcome
from notices.models import Notice
from notices.queries import longest_due
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import OPERATOR, reached
from tests.drive import enter_pass
from tests.mail_server import MailServer, mail_server
from tests.together import together

GivePass = Callable[..., Issued]
FACTS = {"name": "laptop", "own": False, "by": "Priya", "at": "2026-11-24T10:00:00+00:00"}


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    """A real mail server, and our settings that point at it."""
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address[:2]
        settings.EMAIL_TIMEOUT = 5
        yield running


def tell(world: SimpleNamespace, *names: str, to: str = "mia") -> None:
    for name in names:
        notices.tell(Kind.PASSKEY_REMOVED, person=getattr(world, to), facts=FACTS | {"name": name})


def test_a_mail_server_broken_for_an_hour_gets_each_mail_once_and_in_order(
    world: SimpleNamespace, give_pass: GivePass, client: Client, server: MailServer
) -> None:
    """The acts are done at once and know nothing of it."""
    server.is_closed = True
    with time_machine.travel(clock.now()) as traveller:
        made = give_pass(world.mia, is_usable_once=False)
        assert enter_pass(client, world.mia.upn, made.code).status_code == 302
        for minute in range(60):
            worker.run_due()
            traveller.shift(60)
            if minute == 30:
                tap.delete(OPERATOR, target=reached(world.mia), pass_id=made.issued.id)
                give_pass(world.gil)
        assert (server.taken, 0 < server.visits < 60) == ([], True)
        server.is_closed = False
        for _minute in range(61):
            worker.run_due()
            traveller.shift(60)
    assert server.subjects_to("mia@contoso.com") == [
        "A Temporary Access Pass was created for you",
        "You signed in with a Temporary Access Pass",
        "Your Temporary Access Pass was deleted",
    ]
    assert len(server.subjects_to("gil@contoso.com")) == 1
    assert set(Notice.objects.values_list("outcome", "next_try_at")) == {(Outcome.SENT, None)}


def test_a_server_that_does_not_answer_is_not_asked_again_for_each_mail(
    world: SimpleNamespace, server: MailServer
) -> None:
    server.is_closed = True
    for to in ("mia", "gil", "grace"):
        tell(world, "laptop", to=to)
    assert worker.run_due() == 0
    assert server.visits == 1
    assert worker._mail() == worker.MAIL_SERVER_REST


def test_an_address_the_server_does_not_take_holds_nobody_else_up(
    world: SimpleNamespace, give_pass: GivePass, server: MailServer
) -> None:
    """Neither other people nor the other administrators."""
    server.unknown = {"amir@contoso.com", "breakglass@contoso.com"}
    give_pass(world.amir)
    give_pass(world.mia)
    worker.run_due()
    assert sorted(str(mail["To"]) for mail in server.taken) == [
        "grace@contoso.com",
        "mia@contoso.com",
        "priya@contoso.com",
    ]
    server.unknown = set()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        worker.run_due()
        assert worker.run_due() == 0
    assert len(server.taken) == 5
    assert len(server.subjects_to("grace@contoso.com")) == 1


def test_what_is_told_is_one_row_written_with_the_act(world: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        tell(world, "laptop")
        transaction.set_rollback(True)
    assert [query["sql"].split()[0] for query in asked if "SAVEPOINT" not in query["sql"]] == ["INSERT"]
    assert worker.run_due() == 0


def test_waits_grow(world: SimpleNamespace, server: MailServer) -> None:
    server.is_closed = True
    tell(world, "laptop")
    waits: list[float] = []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        while len(waits) < 9:
            worker.run_due()
            next_try = Notice.objects.get().next_try_at
            assert next_try is not None
            waits.append((next_try - clock.now()).total_seconds())
            traveller.move_to(next_try)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_dead_workers_notice_is_taken_over_and_a_living_ones_is_left_alone(
    world: SimpleNamespace, mailoutbox: list[EmailMessage]
) -> None:
    tell(world, "first", "second")
    dead = delivery._claim()
    assert dead is not None
    assert worker.run_due() == 0  # nor is the second sent before the first
    with time_machine.travel(clock.now() + delivery.LEASE + timedelta(seconds=1)):
        assert worker.run_due() == 2
        assert not delivery._note(dead, outcome=Outcome.WAITING)  # what it says now does not count
    assert ["first" in mail.body for mail in mailoutbox] == [True, False]


def test_of_one_person_only_the_earliest_is_due(world: SimpleNamespace) -> None:
    tell(world, "first", "second")
    tell(world, "other", to="gil")
    notices.tell_administrators(Kind.REPORTED, tenant_id=world.contoso.id, facts={})
    notices.tell_administrators(Kind.REPORTED, tenant_id=world.contoso.id, facts={})
    told = []
    while (notice := longest_due(now=clock.now())) is not None:
        told.append(notice.facts.get("name", "-"))
        Notice.objects.filter(pk=notice.pk).update(next_try_at=clock.now() + timedelta(hours=1))
    assert told == ["first", "other", "-", "-"]


def test_what_cannot_be_written_is_put_off_and_the_next_goes_out(
    world: SimpleNamespace, mailoutbox: list[EmailMessage], caplog: pytest.LogCaptureFixture
) -> None:
    """A notice of a later version, say, after the old one was put back."""
    notices.tell(Kind.PASSKEY_REMOVED, person=world.mia, facts={})
    tell(world, "laptop", to="gil")
    assert worker.run_due() == 2
    assert [mail.to for mail in mailoutbox] == [["gil@contoso.com"]]
    assert "KeyError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_mail_once(world: SimpleNamespace, mailoutbox: list[EmailMessage]) -> None:
    people: list[Any] = [world.mia, world.gil, world.grace, world.priya]
    for number in range(5):
        for person in people:
            notices.tell(Kind.PASSKEY_REMOVED, person=person, facts=FACTS | {"name": f"key {number}"})
    together([worker.run_due] * 6, at_once=6)
    worker.run_due()
    for person in people:
        told = [mail.body for mail in mailoutbox if mail.to == [person.mail]]
        assert [f"key {number}" in body for number, body in enumerate(told)] == [True] * 5
