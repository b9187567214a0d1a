"""Whom the life of a pass concerns, and with which facts. Called in the transactions of what they tell."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.authority import Actor
from accounts.models import User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from notices import actions as notices
from notices.enums import Kind
from notices.wording import MOST_NAMES
from tap import rules, tasks
from tap.models import TemporaryAccessPass

MOST_ADDRESSES = 10
LOOK_BACK = timedelta(hours=1)


def issued(
    passes: Sequence[TemporaryAccessPass],
    *,
    replaced: Collection[UUID],
    administrators: Collection[UUID],
    tell_in: timedelta | None,
) -> None:
    """Tell people of their new passes; administrators, where one is for an administrator; and again when a late one starts.

    ``replaced``: whose earlier pass ended with it. ``tell_in``: how long the mails wait.
    """
    told = [(one.user, _facts_of(one) | {"replaces": one.user_id in replaced}) for one in passes]
    notices.tell_many(Kind.PASS_ISSUED, told, tell_in=tell_in)
    for user, facts in told:
        if user.id in administrators:
            notices.tell_administrators(Kind.ADMIN_PASS, tenant_id=user.tenant_id, facts=facts | _named(user))
    later: defaultdict[datetime, list[str]] = defaultdict(list)
    for one in passes:
        if one.starts_at > one.created_at + rules.CLOCK_SKEW:
            later[one.starts_at].append(str(one.id))
    for starts_at, ids in later.items():
        tasks.tell_start.using(run_after=starts_at).enqueue(ids)


def used(actor: Actor, user: User, one: TemporaryAccessPass, *, user_agent: str) -> None:
    """Tell a person that somebody signed in with his pass."""
    facts = _now(actor) | {"pass": str(one.id), "one_time": one.is_usable_once, "user_agent": user_agent[:256]}
    notices.tell(Kind.PASS_USED, person=user, facts=facts)


def deleted(actor: Actor, user: User, pass_id: UUID) -> None:
    """Tell a person that his pass is gone."""
    facts = _now(actor) | {"pass": str(pass_id), "own": actor.user_id == user.id}
    notices.tell(Kind.PASS_DELETED, person=user, facts=facts)


def deleted_many(actor: Actor, people: Mapping[UUID, User]) -> None:
    """Tell people that the passes with these ids are gone."""
    facts = _now(actor) | {"own": False}
    notices.tell_many(Kind.PASS_DELETED, [(user, facts | {"pass": str(pass_id)}) for pass_id, user in people.items()])


def wrong_codes(user: User, *, count: int, is_locked: bool) -> None:
    """Tell administrators that somebody is being guessed at, and from where."""
    refused = AuditEvent.objects.filter(
        tenant_id=user.tenant_id, target_id=user.id, event=Event.PASS_REFUSED, at__gte=clock.now() - LOOK_BACK
    )
    addresses = dict.fromkeys(refused.order_by("-id").values_list("address", flat=True)[: rules.MOST_WRONG_CODES])
    facts = _named(user) | {"count": count, "locked": is_locked, "addresses": list(filter(None, addresses))}
    facts["addresses"] = facts["addresses"][:MOST_ADDRESSES]
    notices.tell_administrators(Kind.WRONG_PASSES, tenant_id=user.tenant_id, facts=facts)


def unused(passes: Iterable[TemporaryAccessPass]) -> None:
    """Tell people whose pass has ended without a sign-in, and each issuer which of those he made have."""
    ended = list(passes)
    notices.tell_many(Kind.PASS_UNUSED, [(one.user, _facts_of(one)) for one in ended])
    of_issuer: defaultdict[User, list[str]] = defaultdict(list)
    for one in ended:
        if one.issuer is not None:
            of_issuer[one.issuer].append(one.user.display_name)
    for issuer, names in of_issuer.items():
        facts = {"names": names[:MOST_NAMES], "count": len(names)}
        notices.tell(Kind.PASSES_UNUSED, person=issuer, facts=facts)


def _facts_of(one: TemporaryAccessPass) -> dict[str, Any]:
    return {
        "pass": str(one.id),
        "by": one.issuer_told_as,
        "at": one.created_at.isoformat(),
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "one_time": one.is_usable_once,
    }


def _named(user: User) -> dict[str, Any]:
    return {"name": user.display_name, "upn": user.upn}


def _now(actor: Actor) -> dict[str, Any]:
    return {"by": actor.told_as, "at": clock.now().isoformat(), "address": actor.address}
