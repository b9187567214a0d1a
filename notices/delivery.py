"""The mail. A server that does not answer is tried again and again for a day; the act it tells of is long done.

The notices are their own queue: a row says when it is to be tried next. Claiming one moves that time to the end of a lease,
so that a worker which dies leaves its notice to whoever looks after that.
"""

import logging
from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.authority import Actor
from audit.actions import record
from audit.enums import Event, Outcome
from core import clock, logs
from core.metrics import Counter
from core.retries import wait_after
from notices import enums, wording
from notices.links import denial_link
from notices.models import Notice
from notices.queries import Reader, longest_due, readers_of
from notices.rules import one_line

log = logging.getLogger("gatepass.notices")
MAILS = Counter("mails", "Mails handed to the mail server, or not taken by it, by result (sent, failed).", "result")
GIVE_UP_AFTER = timedelta(hours=24)
LEASE = timedelta(minutes=10)  # more than one mail takes, however slowly its server answers
OF_ONE_MAIL = (SMTPRecipientsRefused, SMTPDataError)  # the server is there, but does not want this one


class ServerDown(Exception):
    """The mail server did not answer: what else is due need not be tried at once."""


def deliver_next() -> bool:
    """Claim the notice that is due longest, and write and send its mails. False where none is due. Raises ServerDown."""
    notice = _claim()
    if notice is None:
        return False
    with logs.carrying(notice=str(notice.pk)):
        try:
            _send(notice)
        except DatabaseError:
            raise
        except Exception as error:  # the mail of others goes on, whatever is wrong with this one
            _put_off(notice, error)
            if isinstance(error, OSError) and not isinstance(error, OF_ONE_MAIL):
                raise ServerDown from error
    return True


def _claim() -> Notice | None:
    """Take one: a conditional UPDATE, so that of many workers one has it."""
    now = clock.now()
    while (notice := longest_due(now=now)) is not None:
        mine = Notice.objects.filter(pk=notice.pk, tries=notice.tries, next_try_at__lte=now)
        notice.tries += 1
        if mine.update(tries=notice.tries, next_try_at=now + LEASE):
            return notice
    return None


def _send(notice: Notice) -> None:
    readers = readers_of(notice)
    left = [reader for reader in readers if reader.address not in notice.sent_to]
    trouble: OSError | None = None
    for reader in left:
        try:
            _mail(notice, reader).send()
        except OSError as error:  # SMTPException is one
            MAILS.count("failed")
            if not isinstance(error, OF_ONE_MAIL):
                raise
            trouble = error
            continue
        MAILS.count("sent")
        notice.sent_to = [*notice.sent_to, reader.address]
        if len(left) > 1 and not _note(notice, sent_to=notice.sent_to, next_try_at=clock.now() + LEASE):
            return
    if trouble is not None:
        raise trouble
    outcome = enums.Outcome.SENT if readers else enums.Outcome.NO_ADDRESS
    _note(notice, outcome=outcome, sent_to=notice.sent_to, next_try_at=None)


def _note(notice: Notice, **values: object) -> bool:
    """Change the row, unless another worker has taken the notice over."""
    return bool(Notice.objects.filter(pk=notice.pk, tries=notice.tries).update(**values))


def _mail(notice: Notice, reader: Reader) -> EmailMultiAlternatives:
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
        )
        mail.attach_alternative(render_to_string("notices/mail.html", shown), "text/html")
    return mail


def _message_id(notice: Notice, reader: Reader) -> str:
    """Return the same id for a second try, so that a mail server which has had the first can tell."""
    name = uuid5(notice.id, reader.address).hex
    return f"<{name}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition('@')[2]}>"


def _put_off(notice: Notice, error: Exception) -> None:
    """Try again later, each time a little later; and what else waits for the same person not before that."""
    now, kind = clock.now(), type(error).__name__
    if now - notice.due_at >= GIVE_UP_AFTER:
        log.error("mail of notice %s (%s) is given up after a day: %s", notice.id, notice.kind, kind)
        _give_up(notice)
        return
    wait = wait_after(notice.tries)
    unexpected = None if isinstance(error, OSError) else error
    seconds = int(wait.total_seconds())
    log.warning("mail of notice %s failed (%s); next try in %s s", notice.id, kind, seconds, exc_info=unexpected)
    if _note(notice, next_try_at=now + wait) and notice.person_id:
        Notice.objects.filter(person=notice.person_id, next_try_at__lt=now + wait).update(next_try_at=now + wait)


def _give_up(notice: Notice) -> None:
    with transaction.atomic():
        if _note(notice, outcome=enums.Outcome.GIVEN_UP, next_try_at=None):
            record(
                Event.NOTICE_GIVEN_UP,
                actor=Actor(upn="worker"),
                target=notice.person or notice.tenant,
                outcome=Outcome.FAILURE,
                reason="mail_server",
                detail={"notice": str(notice.id), "kind": notice.kind},
            )
