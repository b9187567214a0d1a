"""What happens to passwords: set by their owner, used, and reset by an administrator, who chooses none (decision 0066)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import sessions
from accounts.access import Reached, hold_sign_in
from accounts.actions import note_limit
from accounts.authority import Actor
from accounts.enums import Act, MethodKind, SessionEnd, UserKind
from accounts.models import User
from accounts.models.users import SPENT
from audit.actions import Detail, record
from audit.enums import Event, Outcome
from authmethods import telling
from authmethods.actions import require_own
from core import clock, limits, secrets
from core.errors import Conflict, Invalid, NotUsable
from core.http import network_of
from core.text import fold_upn

# Django's validators say what is wrong; how it is said is ours.
WEAK = {
    "password_too_short": gettext_lazy("The password is too short. Use at least %(min_length)s characters."),
    "password_too_similar": gettext_lazy("The password is too much like your name, user name or mail address."),
    "password_too_common": gettext_lazy("Many people use this password. Choose another one."),
    "password_entirely_numeric": gettext_lazy("The password has digits only. Add some letters."),
}
LONGEST_PASSWORD = 256  # characters; longer ones are refused unhashed
ONE_OFF_LENGTH = 16  # symbols, which are 80 bits
ONE_OFF_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class VerifiedPassword:
    """A password that was right; ``claim_password`` decides."""

    user: User
    lanes: list[limits.Lane]

    @property
    def is_one_off(self) -> bool:
        """True for one that an administrator had made."""
        return self.user.password_ends_at is not None


@dataclass(frozen=True)
class OneOffPassword:
    """A password made for somebody, and until when it works. This is the only place it is ever in."""

    password: str
    ends_at: datetime

    def __repr__(self) -> str:
        return f"OneOffPassword(hidden, until {self.ends_at:%Y-%m-%d %H:%M})"


def set_password(actor: Actor, *, user: User, password: str, sign_out_others: bool = True) -> None:
    """Set or change the actor's own password. Sessions made with the old one end; others if chosen.

    Raises ConfirmationNeeded, Refused, Invalid (field ``password``).
    """
    require_own(actor, user)
    encoded = chosen(user, password)
    with transaction.atomic(durable=True):
        hold_sign_in(actor)
        others = user.sign_in_sessions.all()
        if actor.session_id:
            others = others.exclude(pk=actor.session_id)
        if not sign_out_others:
            others = others.filter(method=MethodKind.PASSWORD)
        ended = sessions.revoke(others, SessionEnd.PASSWORD_CHANGED, now=clock.now())
        _keep(actor, user, encoded, ended=ended)


def chosen(user: User, password: str) -> str:
    """Return what is stored of a password that somebody chose for himself. Raises Invalid (field ``password``)."""
    if len(password) > LONGEST_PASSWORD:
        raise Invalid("too_long", fields={"password": _("The password is too long. Use up to 256 characters.")})
    try:
        validate_password(password, user)
    except ValidationError as problem:
        said = " ".join(str(WEAK[str(one.code)]) % (one.params or {}) for one in problem.error_list)
        raise Invalid("weak_password", fields={"password": said}) from problem
    given = secrets.normalise(password) or password  # however it is written, it is the one an administrator has seen
    if user.password_ends_at is not None and check_password(given, user.password.removeprefix(SPENT)):
        raise Invalid("same_password", fields={"password": _("Choose another password than the one you were given.")})
    return make_password(password)


def replace_one_off(actor: Actor, *, user: User, encoded: str) -> None:
    """Put the password that was ``chosen`` in place of a spent one-off one, inside the transaction that opens the next session.

    Every session made with a password ends. Raises Conflict where it was replaced or reset meanwhile.
    """
    made_with_it = user.sign_in_sessions.filter(method=MethodKind.PASSWORD)
    ended = sessions.revoke(made_with_it, SessionEnd.PASSWORD_CHANGED, now=clock.now())
    _keep(actor, user, encoded, ended=ended)


def reset_password(actor: Actor, *, target: Reached, seen: datetime | None = None) -> OneOffPassword:
    """Give ``target`` a one-off password in place of his own, and return it: once, and to nobody else.

    He must replace it as soon as he signs in with it, which he can once, within a day. Sessions made with the old one
    end. ``seen``: when the password was set that is to go, so that a form sent twice resets once.
    Raises Refused, ConfirmationNeeded, Invalid (there is nothing to reset), Conflict.
    """
    target.require(Act.PASSWORD_RESET)
    user = target.user
    if user.kind == UserKind.EXTERNAL_GUEST:
        raise Invalid("external_guest", _("The password of an external guest is kept by their own organisation."))
    if not user.is_enabled:
        raise Invalid("user_disabled", _("This account is disabled. Enable it first."))
    if not user.has_password and user.password_ends_at is None:
        raise Invalid("no_password", _("There is no password to reset. Issue a Temporary Access Pass instead."))
    code = secrets.make_code(ONE_OFF_LENGTH)
    encoded, now = make_password(code), clock.now()
    ends_at = now + ONE_OFF_LIFE
    with transaction.atomic(durable=True):
        same = User.objects.filter(pk=user.pk, **({"password_changed_at": seen} if seen else {}))
        if not same.update(password=encoded, password_changed_at=now, password_ends_at=ends_at):
            raise Conflict("password_changed_meanwhile")
        made_with_it = user.sign_in_sessions.filter(method=MethodKind.PASSWORD)
        ended = sessions.revoke(made_with_it, SessionEnd.PASSWORD_CHANGED, now=now)
        detail: Detail = {"sessions": ended, "ends_at": ends_at.isoformat()}
        record(Event.PASSWORD_RESET, actor=actor, target=user, detail=detail)
        telling.password_reset(actor, user, ends_at=ends_at)
    return OneOffPassword(code, ends_at)


def verify_password(actor: Actor, *, upn: str, typed: str) -> VerifiedPassword:
    """Check a password. Limits first, then one hash, whoever asks (C01, C04). Raises TooMany, Busy, NotUsable."""
    lanes = limits.account_lanes(method="password", account=fold_upn(upn), network=network_of(actor.address))
    counts = limits.reserve(lanes, now=clock.now())
    user = User.objects.select_related("tenant").filter(upn_key=fold_upn(upn)).first()
    typed_ok = 0 < len(typed) <= LONGEST_PASSWORD
    stored = user.password if user and user.has_password and user.is_enabled and user.tenant.is_enabled else ""
    ends_at = user.password_ends_at if user else None
    if stored and typed_ok:
        is_right = check_password(typed if ends_at is None else secrets.normalise(typed) or "", stored)
    else:
        make_password("nothing to verify")  # the same work where there is nothing to check
        is_right = False
    is_over = ends_at is not None and clock.now() >= ends_at
    if not is_right or is_over or user is None:
        reason = "no_password" if not stored else "password_expired" if is_right else "wrong_password"
        note_limit(actor, user, lanes, counts)
        record(Event.PASSWORD_REFUSED, actor=actor, target=user, outcome=Outcome.FAILURE, reason=reason)
        raise NotUsable(reason, _told(is_right=is_right))
    return VerifiedPassword(user, lanes)


def claim_password(actor: Actor, *, verified: VerifiedPassword) -> None:
    """Give back the reserved attempts, inside the transaction that opens the session; a one-off password is spent.

    Raises NotUsable where the password was changed, reset or spent since it was verified.
    """
    user = verified.user
    same = User.objects.filter(pk=user.pk, password=user.password)
    if verified.is_one_off:
        user.password = f"{SPENT}{user.password}"
        is_ours = bool(same.update(password=user.password))
    else:
        is_ours = same.select_for_update(no_key=True).values_list("pk").first() is not None
    if not is_ours:
        raise NotUsable("password_changed", _told(is_right=False))
    limits.release(verified.lanes)
    record(Event.PASSWORD_USED, actor=actor, target=user)


def _told(*, is_right: bool) -> str:
    """Return what somebody is told: the true reason only to whoever had the right password (criterion C06)."""
    if is_right:
        return _("The password you were given works no longer. Ask your administrator for a new one.")
    return _("That user name or password is incorrect. Check both, or choose another way to sign in.")


def _keep(actor: Actor, user: User, encoded: str, *, ended: int) -> None:
    now = clock.now()
    before = User.objects.filter(pk=user.pk, password=user.password)
    if not before.update(password=encoded, password_changed_at=now, password_ends_at=None):
        raise Conflict("password_changed_meanwhile")
    record(Event.PASSWORD_CHANGED, actor=actor, target=user, detail={"sessions": ended})
    telling.password_set(actor, user)
    user.password, user.password_changed_at, user.password_ends_at = encoded, now, None
