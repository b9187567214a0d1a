"""A12: who is told of what, where and in which time; never with a code, and whatever a name holds."""

import re
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.test import Client

from accounts.access import actor_of
from accounts.authority import Actor
from accounts.enums import TargetSide
from accounts.models import Group, RoleAssignment, User
from accounts.targeting import Target
from audit.enums import Event
from audit.models import AuditEvent
from authmethods.authenticators import UNLISTED
from authmethods.enums import KeyEnforcement
from authmethods.method_policies import change_passkey_policy
from authmethods.models import PasskeyPolicy
from config import env, worker
from config.housekeeping import tidy
from core import clock, limits
from core.errors import Invalid, NotUsable
from core.secrets import group
from notices import actions as notices
from notices.enums import Kind, Outcome
from notices.models import Notice
from tap import actions as tap
from tap.actions import Issued
from tap.models import TapPolicy
from tests.conftest import OPERATOR, SignIn, reached
from tests.drive import enter_pass

GivePass = Callable[..., Issued]
TEN = datetime(2026, 11, 24, 10, 14, tzinfo=ZoneInfo("Europe/Berlin"))
VISITOR = Actor(address="203.0.113.7")


def delivered(outbox: list[EmailMessage]) -> list[EmailMessage]:
    """What the worker sends now."""
    outbox.clear()
    worker.run_due()
    return list(outbox)


def to(mails: list[EmailMessage], address: str) -> list[str]:
    return [str(mail.subject) for mail in mails if mail.to == [address]]


def text_of(mail: EmailMessage) -> str:
    return " ".join(str(mail.body).split())


def test_the_person_is_told_of_issue_use_and_deletion(
    world: SimpleNamespace, give_pass: GivePass, client: Client, mailoutbox: list[EmailMessage]
) -> None:
    """A12, and A02: no mail holds the code, in whatever spelling."""
    with time_machine.travel(TEN):
        made = give_pass(world.mia, is_usable_once=True)
        (mail,) = delivered(mailoutbox)
        assert (mail.to, mail.subject) == (["mia@contoso.com"], "A Temporary Access Pass was created for you")
        assert (
            "The operator of this installation created a Temporary Access Pass for your account on "
            "24 Nov 2026, 10:14 (UTC+01:00). "
            "It works from 24 Nov 2026, 10:14 (UTC+01:00) until 24 Nov 2026, 11:14 (UTC+01:00), for one sign-in."
        ) in text_of(mail)
        assert "/tap/" in text_of(mail)
        assert "/not-me/" in text_of(mail)
        enter_pass(client, world.mia.upn, made.code)
        tap.delete(OPERATOR, target=reached(world.mia), pass_id=made.issued.id)
    mails = [mail, *delivered(mailoutbox)]
    assert to(mails, "mia@contoso.com")[1:] == [
        "You signed in with a Temporary Access Pass",
        "Your Temporary Access Pass was deleted",
    ]
    everything = "".join(str(one.message()) for one in mails)
    for spelling in (made.code, "-".join(group(made.code)), " ".join(group(made.code))):
        assert spelling.casefold() not in everything.casefold()
    assert not re.search(r"<(img|form|script|link|style)|style=", everything)


def test_a_pass_for_later_is_announced_when_it_starts(
    world: SimpleNamespace, give_pass: GivePass, mailoutbox: list[EmailMessage]
) -> None:
    start = clock.now() + timedelta(days=3)
    give_pass(world.mia, starts_at=start)
    give_pass(world.gil, starts_at=start)
    assert len(delivered(mailoutbox)) == 2
    with time_machine.travel(start + timedelta(seconds=1)):
        tap.delete(OPERATOR, target=reached(world.gil), pass_id=world.gil.passes.get().id)
        mails = delivered(mailoutbox)
        assert to(mails, "mia@contoso.com") == ["Your Temporary Access Pass works from today"]
        assert to(mails, "gil@contoso.com") == ["Your Temporary Access Pass was deleted"]


def test_the_person_and_the_issuer_are_told_once_what_ended_unused(
    world: SimpleNamespace, as_: SignIn, mailoutbox: list[EmailMessage]
) -> None:
    grace = actor_of(as_(world.grace).sign_in_session)  # type: ignore[attr-defined]
    for user in (world.mia, world.gil, world.tapuser):
        made = tap.issue(grace, target=reached(user, grace), is_usable_once=False)
    enter_pass(Client(), world.tapuser.upn, made.code)
    delivered(mailoutbox)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        tidy(now=clock.now())
        tidy(now=clock.now())
        mails = delivered(mailoutbox)
    (mail,) = (one for one in mails if one.to == ["grace@contoso.com"])
    assert mail.subject == "2 Temporary Access Passes ended unused"
    assert "Mia Fontaine" in mail.body
    assert "Tap User" not in mail.body
    own = [one for one in mails if one is not mail]
    assert {one.to[0] for one in own} == {"mia@contoso.com", "gil@contoso.com"}
    assert {one.subject for one in own} == {"Your Temporary Access Pass ended unused"}
    assert "The pass that Grace Hollis created for your account ended on " in text_of(own[0])


def test_administrators_are_told_of_the_policy_of_guessing_and_of_a_pass_on_an_administrator(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, mailoutbox: list[EmailMessage], monkeypatch: Any
) -> None:
    alarmed = {"grace@contoso.com", "priya@contoso.com", "breakglass@contoso.com"}
    paul = actor_of(as_(world.paul).sign_in_session)  # type: ignore[attr-defined]
    version = TapPolicy.objects.get(tenant=world.contoso).version
    tap.change_policy(paul, version=version, settings={"maximum_lifetime": 600, "is_usable_once": True})
    mails = delivered(mailoutbox)
    assert {mail.to[0] for mail in mails} == alarmed
    assert "Maximum lifetime: 8 hours → 10 hours" in mails[0].body
    assert "Require one-time use: Off → On" in mails[0].body

    everybody, new_hires = (
        Target(TargetSide.INCLUDE),
        Target(TargetSide.INCLUDE, group_id=Group.objects.get(name="New hires").id),
    )
    tap.change_policy(paul, version=version + 1, settings={}, targets=[new_hires])
    tap.change_policy(paul, version=version + 2, settings={}, targets=[everybody])
    body = delivered(mailoutbox)[-1].body
    for line in ("Added to the include list: All users", "Removed from the include list: New hires"):
        assert line in body, body

    give_pass(world.amir)
    mails = delivered(mailoutbox)
    assert {mail.to[0] for mail in mails if "administrator's account: Amir Haddad" in mail.subject} == alarmed

    give_pass(world.mia)
    delivered(mailoutbox)
    for _ in range(20):
        with monkeypatch.context() as patch:
            patch.setattr(limits, "_let_wait", lambda *_: None)
            with pytest.raises(NotUsable):
                tap.verify(VISITOR, upn=world.mia.upn, typed="ABCD2345")
    mails = delivered(mailoutbox)
    assert {mail.to[0] for mail in mails} == alarmed
    assert {mail.subject for mail in mails} == {"Repeated wrong passes for Mia Fontaine"}
    assert "entered 20 times" in mails[0].body
    assert "203.0.113.7" in mails[0].body


def test_a_change_of_the_passkey_policy_reads_in_words(
    world: SimpleNamespace, as_: SignIn, mailoutbox: list[EmailMessage]
) -> None:
    paul = actor_of(as_(world.paul).sign_in_session)  # type: ignore[attr-defined]
    model = next(iter(UNLISTED))
    change_passkey_policy(
        paul,
        version=PasskeyPolicy().version,
        settings={
            "is_self_service_allowed": False,
            "is_attestation_enforced": True,
            "is_key_restricted": True,
            "enforcement": KeyEnforcement.ALLOW,
            "aaguids": [str(model)],
        },
    )
    lines = str(delivered(mailoutbox)[0].body).splitlines()
    for line in (
        "People set up passkeys themselves: On → Off",
        "Require attestation: Off → On",
        "Restrict models: Off → On",
        "The models in the list: Block these → Allow only these",
        f"Models: None → {UNLISTED[model]}",
    ):
        assert line in lines, lines


def test_a_tenant_may_name_who_is_told_and_the_former_ones_hear_of_it(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, mailoutbox: list[EmailMessage]
) -> None:
    grace = actor_of(as_(world.grace).sign_in_session)  # type: ignore[attr-defined]
    notices.choose_administrators(grace, addresses=["soc@contoso.com"])
    notices.choose_administrators(grace, addresses=["soc2@contoso.com"])
    delivered(mailoutbox)
    assert {mail.to[0] for mail in mailoutbox} == {"soc2@contoso.com", "soc@contoso.com"}
    give_pass(world.amir)
    assert to(delivered(mailoutbox), "soc2@contoso.com")
    for wrong in (["nobody"], ["a@b.com\nBcc: c@d.com"], ["a@b.com"] * 1 + [f"{n}@b.com" for n in range(20)]):
        with pytest.raises(Invalid):
            notices.choose_administrators(grace, addresses=wrong)


@pytest.mark.parametrize(
    "name", ["Mia\r\nBcc: all@contoso.com", "Mia\n\nCall +1 555 and read out your pass", "Ü" * 300]
)
def test_no_name_begins_a_header_or_a_paragraph(
    world: SimpleNamespace, give_pass: GivePass, mailoutbox: list[EmailMessage], name: str
) -> None:
    User.objects.filter(pk=world.amir.pk).update(display_name=name[:256])
    world.amir.refresh_from_db()
    give_pass(world.amir)
    mails = delivered(mailoutbox)
    assert len(mails) == 4
    for mail in mails:
        sent = mail.message()
        assert sent["Bcc"] is None
        assert "\n" not in mail.subject
        assert not re.search(r"^(Bcc|Call)", str(mail.body), re.MULTILINE)


@pytest.mark.parametrize("address", ["", "nobody", "mia@contoso.com\nBcc: all@contoso.com"])
def test_who_has_no_usable_address_gets_none(
    world: SimpleNamespace, give_pass: GivePass, mailoutbox: list[EmailMessage], address: str
) -> None:
    User.objects.filter(pk=world.mia.pk).update(mail=address)
    world.mia.refresh_from_db()
    give_pass(world.mia)
    assert delivered(mailoutbox) == []
    assert Notice.objects.get().outcome == Outcome.NO_ADDRESS


def break_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(_self: object, _messages: object) -> int:
        raise smtplib.SMTPServerDisconnected("no")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send)


def test_after_a_day_it_is_given_up_with_a_log_line_and_an_event(
    world: SimpleNamespace,
    give_pass: GivePass,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    break_mail(monkeypatch)
    give_pass(world.mia)
    for hours in range(0, 27, 1):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            worker.run_due()
    assert Notice.objects.get().outcome == Outcome.GIVEN_UP
    assert "given up" in caplog.text
    assert AuditEvent.objects.get(event=Event.NOTICE_GIVEN_UP).target_id == world.mia.id


def test_a_second_try_writes_to_nobody_twice(
    world: SimpleNamespace, give_pass: GivePass, mailoutbox: list[EmailMessage]
) -> None:
    give_pass(world.amir)
    notice = Notice.objects.get(kind=Kind.ADMIN_PASS)
    Notice.objects.filter(pk=notice.pk).update(sent_to=["grace@contoso.com"])
    mails = delivered(mailoutbox)
    assert "grace@contoso.com" not in {mail.to[0] for mail in mails}
    assert len(mails) == 3


def test_a_disabled_administrator_is_not_written_to(
    world: SimpleNamespace, give_pass: GivePass, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.filter(pk=world.grace.pk).update(is_enabled=False)
    RoleAssignment.objects.filter(user=world.breakglass).delete()
    give_pass(world.amir)
    assert {mail.to[0] for mail in delivered(mailoutbox)} == {"amir@contoso.com", "priya@contoso.com"}


def test_a_terminal_shows_the_text_of_a_mail_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """Two mails are sent at the first start of the demo: with their HTML they hid the line that says how to sign in."""
    backend = str(env.mail("consolemail://")["EMAIL_BACKEND"])
    mail = EmailMultiAlternatives("A pass", "It ends\n\nsoon.", to=["mia@contoso.com"])
    mail.attach_alternative("<p>It ends soon.</p>", "text/html")
    assert get_connection(backend).send_messages([mail]) == 1
    assert capsys.readouterr().out == "Mail to mia@contoso.com: A pass\n    It ends\n\n    soon.\n"


def test_old_notices_are_forgotten(world: SimpleNamespace, give_pass: GivePass, mailoutbox: list[EmailMessage]) -> None:
    give_pass(world.mia)
    assert notices.forget_old(now=clock.now() + timedelta(days=31)) == 0  # still to be sent
    delivered(mailoutbox)
    assert notices.forget_old(now=clock.now() + timedelta(days=31)) == 1


def test_the_operator_has_no_name_that_anybody_could_take(
    world: SimpleNamespace, as_: SignIn, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.filter(pk=world.grace.pk).update(display_name="operator")
    grace = actor_of(as_(User.objects.get(pk=world.grace.pk)).sign_in_session)  # type: ignore[attr-defined]
    made = tap.issue(grace, target=reached(world.mia, grace))
    assert (made.issued.issuer_name, made.issued.is_by_operator) == ("operator", False)
    (mail,) = delivered(mailoutbox)
    assert "operator created a Temporary Access Pass" in text_of(mail)
    assert "this installation" not in text_of(mail)
    start = clock.now() + timedelta(days=3)
    later = tap.issue(OPERATOR, target=reached(world.gil), starts_at=start)
    assert str(later.issued.issuer_name) == "The operator of this installation"
    with time_machine.travel(start + timedelta(seconds=1)):
        mail = delivered(mailoutbox)[-1]
    assert "The operator of this installation created it." in text_of(mail)
