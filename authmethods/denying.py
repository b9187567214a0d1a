"""What follows when a person says, by the link in a mail, that it was not he: whatever that could have given to somebody
else ends, and administrators are told. The link is all he has; so it ends things and opens nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts import sessions
from accounts.authority import Actor
from accounts.enums import SessionEnd
from accounts.models import SignInSession, User
from audit.actions import record
from audit.enums import Event
from authmethods.models import Passkey
from core import clock
from core.errors import Conflict
from notices import actions as notices
from notices.enums import Kind
from notices.links import LIFE, notice_of
from notices.models import Notice
from tap import ending

ABOUT_SOMETHING_ADDED = frozenset({Kind.PASSKEY_ADDED, Kind.PASSWORD_SET, Kind.PASSWORD_RESET})
ABOUT_A_PASS = frozenset({Kind.PASS_ISSUED, Kind.PASS_STARTS, Kind.PASS_USED})
# What a stranger did to the account he came in for, and a pass may be what he came in with.
ABOUT_A_CHANGE = ABOUT_SOMETHING_ADDED | {Kind.PASSKEY_REMOVED}


@dataclass(frozen=True)
class Ended:
    """What was ended."""

    passes: int
    passkeys: int
    passwords: int
    sessions: int


def denied_by(token: str) -> Notice | None:
    """Return the notice a link was made for, while it can still be used; None for every other one."""
    notice_id = notice_of(token)
    if notice_id is None:
        return None
    standing = Notice.objects.select_related("person__tenant").filter(
        pk=notice_id, denied_at=None, due_at__gt=clock.now() - LIFE, person__isnull=False
    )
    return standing.first()


def deny(actor: Actor, *, notice: Notice) -> Ended:
    """End what the notice told of, once. Raises Conflict where it has been done or the link is over."""
    assert notice.person is not None  # noqa: S101  administrators get no such link
    user = notice.person
    by = Actor(
        user_id=user.id, upn=user.upn, name=user.display_name, address=actor.address, request_id=actor.request_id
    )
    with transaction.atomic(durable=True):
        User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
        if not notices.deny(notice=notice):
            raise Conflict("link_used")
        ended = _end(by, user, notice)
        detail = {"notice": str(notice.id), "kind": notice.kind} | vars(ended)
        record(Event.NOT_ME_REPORTED, actor=by, target=user, reason="reported_by_link", detail=detail)
        facts = {
            "name": user.display_name,
            "upn": user.upn,
            "at": clock.now().isoformat(),
            "about": notice.kind,
            "told": notice.due_at.isoformat(),
        }
        notices.tell_administrators(Kind.REPORTED, tenant_id=user.tenant_id, facts=facts)
    return ended


def _end(by: Actor, user: User, notice: Notice) -> Ended:
    passes = passkeys = passwords = over = 0
    if notice.what in ABOUT_A_PASS:
        pass_id = UUID(notice.facts["pass"])
        passwords = _end_password_set_with(user, pass_id)
        passes, over = ending.end_reported(by, user=user, pass_id=pass_id)
        passkeys, more = _end_passkeys(user, registered_with_pass_id=pass_id)
        over += more
    else:
        if notice.what is Kind.PASSKEY_ADDED:
            passkeys, over = _end_passkeys(user, pk=UUID(notice.facts["passkey"]))
        if notice.what in (Kind.PASSWORD_SET, Kind.PASSWORD_RESET):
            passwords = _end_password(user)
        over += sessions.revoke_all_of(user.id, SessionEnd.REVOKED, now=clock.now())
        if notice.what in ABOUT_A_CHANGE:
            passes = int(ending.end_pass_of(by, user, reason="reported_by_link"))
    return Ended(passes, passkeys, passwords, over)


def _end_passkeys(user: User, **which: UUID) -> tuple[int, int]:
    found = list(Passkey.objects.filter(user=user, **which).values_list("pk", flat=True))
    Passkey.objects.filter(pk__in=found).delete()
    signed_in = SignInSession.objects.filter(credential_id__in=found)
    return len(found), sessions.revoke(signed_in, SessionEnd.METHOD_REMOVED, now=clock.now())


def _end_password_set_with(user: User, pass_id: UUID) -> int:
    """Erase a password that was set while a session of the pass, or of a passkey that goes back to it, was open: no other
    trace tells who set it.
    """
    passkeys = Passkey.objects.filter(user=user, registered_with_pass_id=pass_id)
    of_pass = SignInSession.objects.filter(
        user=user,
        credential_id__in=[pass_id, *passkeys.values_list("pk", flat=True)],
        authenticated_at__lte=F("user__password_changed_at"),
        ends_at__gte=F("user__password_changed_at"),
    )
    return _end_password(user) if of_pass.exists() else 0


def _end_password(user: User) -> int:
    gone = User.objects.filter(pk=user.pk).exclude(password="").update(password="", password_ends_at=None)
    with_it = SignInSession.objects.filter(user=user, method="Password")
    sessions.revoke(with_it, SessionEnd.PASSWORD_CHANGED, now=clock.now())
    return gone
