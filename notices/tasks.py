"""The mail. A server that does not answer is tried again and again for a day; the act it tells of is long done."""

import logging
from datetime import timedelta
from email.utils import parseaddr
from uuid import UUID, uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django_tasks import task

from accounts.authority import Actor
from audit.actions import record
from audit.enums import Event, Outcome
from core import clock
from core.metrics import Counter
from notices import enums, wording
from notices.links import denial_link
from notices.models import Notice
from notices.queries import Reader, readers_of
from notices.rules import one_line

log = logging.getLogger("gatepass.notices")
MAILS = Counter("mails", "Mails handed to the mail server, or not taken by it, by result (sent, failed).", "result")
GIVE_UP_AFTER = timedelta(hours=24)


@task
def deliver(notice_ids: list[str]) -> None:
    """Write and send the mails of some notices that are still to be sent. What went out stays noted, whatever follows."""
    waiting = Notice.objects.filter(pk__in=[UUID(one) for one in notice_ids], outcome=enums.Outcome.WAITING)
    trouble: OSError | None = None
    connection = get_connection()
    try:
        for notice in waiting.select_related("tenant", "person"):
            try:
                _send(notice, connection)
            except OSError as error:  # SMTPException is one
                trouble = error
                MAILS.count("failed")
                if clock.now() - notice.due_at >= GIVE_UP_AFTER:
                    _give_up(notice, error)
                    trouble = None
    finally:
        connection.close()
    if trouble is not None:
        raise trouble


def _send(notice: Notice, connection: BaseEmailBackend) -> None:
    readers = readers_of(notice)
    for reader in readers:
        if reader.address not in notice.sent_to:
            _mail(notice, reader, connection).send()
            MAILS.count("sent")
            notice.sent_to = [*notice.sent_to, reader.address]
            notice.save(update_fields=["sent_to"])
    notice.outcome = enums.Outcome.SENT if readers else enums.Outcome.NO_ADDRESS
    notice.save(update_fields=["outcome"])


def _mail(notice: Notice, reader: Reader, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    with translation.override(reader.language), timezone.override(reader.zone):
        letter = wording.letter_of(notice)
        link = denial_link(notice.id) if notice.what.can_be_denied else ""
        shown = {"letter": letter, "link": link, "tenant": notice.tenant, "language": reader.language}
        mail = EmailMultiAlternatives(
            subject=one_line(letter.subject),
            body=render_to_string("notices/mail.txt", shown),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[reader.address],
            # RFC 3834: no out-of-office answer comes back.
            headers={"Auto-Submitted": "auto-generated", "Message-ID": _message_id(notice, reader)},
            connection=connection,
        )
        mail.attach_alternative(render_to_string("notices/mail.html", shown), "text/html")
    return mail


def _message_id(notice: Notice, reader: Reader) -> str:
    """Return the same id for a second try, so that a mail server which has had the first can tell."""
    name = uuid5(notice.id, reader.address).hex
    return f"<{name}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"


def _give_up(notice: Notice, error: OSError) -> None:
    log.error("mail of notice %s (%s) is given up after a day: %s", notice.id, notice.kind, type(error).__name__)
    notice.outcome = enums.Outcome.GIVEN_UP
    notice.save(update_fields=["outcome"])
    record(
        Event.NOTICE_GIVEN_UP,
        actor=Actor(upn="worker"),
        target=notice.person or notice.tenant,
        outcome=Outcome.FAILURE,
        reason="mail_server",
        detail={"notice": str(notice.id), "kind": notice.kind},
    )
