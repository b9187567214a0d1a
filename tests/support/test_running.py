"""What the support desk tells of mail and of the queue: who was told what, what waits, and what went wrong; no more."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.mail import EmailMessage
from django_tasks_db.models import DBTaskResult

from config import worker
from core import clock
from notices.actions import tell_administrators
from notices.enums import Kind
from notices.links import denial_link
from notices.models import Notice
from tap.actions import Issued
from tests.authmethods.center import plain_text_of, text_of
from tests.conftest import SignIn
from tests.notices.test_mail import break_mail
from tests.support.desk import page_of_row, task_of

GivePass = Callable[..., Issued]
NOTICES, TASKS = "/admin/notices/notice/", "/admin/django_tasks_database/dbtaskresult/"


def test_he_sees_who_was_told_what_and_never_the_link(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, mailoutbox: list[EmailMessage]
) -> None:
    give_pass(world.mia)
    client = as_(world.sam)
    assert "Pass issued Mia Fontaine Waiting" in plain_text_of(client.get(NOTICES))
    worker.run_due()
    tell_administrators(Kind.POLICY_CHANGED, tenant_id=world.contoso.id, facts={})
    listed = plain_text_of(client.get(NOTICES))
    assert "Pass issued Mia Fontaine Sent" in listed
    assert "Policy changed Administrators Waiting" in listed
    assert [row.person_id for row in client.get(NOTICES, {"q": "mia"}).context["cl"].page.rows] == [world.mia.id]
    notice = Notice.objects.get(person=world.mia)
    page = text_of(client.get(page_of_row(notice)))
    assert "mia@contoso.com" in page
    for secret in ("not-me", denial_link(notice.id).rpartition("=")[2], denial_link(notice.id).rpartition("%3A")[2]):
        assert secret not in page


def test_he_sees_that_a_mail_could_not_be_sent(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_mail(monkeypatch)
    give_pass(world.mia)
    worker.run_due()
    page = plain_text_of(as_(world.sam).get(page_of_row(Notice.objects.get())))
    assert "Not sent yet; tried before" in page
    assert "Tries 1 Next try" in page


def test_he_sees_the_queue_of_his_organisation_with_the_kind_of_error_only(world: SimpleNamespace, as_: SignIn) -> None:
    """E09: what another organisation wants done, and what belongs to nobody, stands in no list."""
    task_of(world.contoso, world.grace)
    others = task_of(world.fabrikam, world.zed)
    DBTaskResult.objects.filter(pk=others.pk).update(queue_name="theirs")
    DBTaskResult.objects.exclude(pk=others.pk).update(
        status="FAILED",
        exception_class_path="smtplib.SMTPException",
        traceback="the words of it",
        finished_at=clock.now(),
    )
    client = as_(world.sam)
    assert "Check a file of people people.csv Given up SMTPException" in plain_text_of(client.get(TASKS))
    assert "theirs" not in plain_text_of(client.get(TASKS))
    (mine,) = client.get(TASKS).context["cl"].page.rows
    page = plain_text_of(client.get(page_of_row(mine)))
    assert "smtplib.SMTPException" in page
    assert "the words of it" not in page
