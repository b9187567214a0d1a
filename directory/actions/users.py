"""People: created, changed, disabled, deleted, restored."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db import IntegrityError, transaction

from accounts import sessions
from accounts.access import Reached, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act, SessionEnd, UserKind
from accounts.models import User
from audit.actions import Detail, record
from audit.enums import Event
from core import clock
from core.errors import Invalid, NotFound
from core.text import fold_upn
from directory import queries, rules, wording
from directory.actions.change import changing_roles, lock_tenant
from directory.rules import PROFILE_FIELDS, Profile
from tap import ending


def create_user(actor: Actor, *, profile: Profile, is_enabled: bool = True) -> User:
    """Make an account in the actor's tenant; it has no way to sign in until a pass is issued for it.

    Raises Refused, ConfirmationNeeded, Invalid (by field of ``Profile``).
    """
    require_in_tenant(actor, Act.USERS_CREATE)
    try:
        with transaction.atomic(durable=True):
            return add_user(actor, profile=profile, is_enabled=is_enabled)
    except IntegrityError as error:
        raise _taken() from error


def add_user(actor: Actor, *, profile: Profile, is_enabled: bool = True) -> User:
    """Do it inside a transaction of the caller, who has the right. Raises Invalid; IntegrityError in a race for a name."""
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant has the right
    lock_tenant(actor.tenant_id)
    profile = rules.cleaned(profile)
    _check(profile, changed=PROFILE_FIELDS, domains=queries.verified_domains(actor.tenant_id))
    user = User(tenant_id=actor.tenant_id, is_enabled=is_enabled, created_at=clock.now(), **asdict(profile))
    user.save(force_insert=True)
    record(Event.USER_CREATED, actor=actor, target=user, detail={"new": _plain(profile) | {"enabled": is_enabled}})
    return user


def update_user(actor: Actor, *, target: Reached, changes: Mapping[str, Any]) -> User:
    """Change some fields of ``Profile``; the others stay as they are, and so do they where nothing differs.

    Raises Refused, ConfirmationNeeded, Invalid (by field), NotFound.
    """
    target.require(Act.USERS_UPDATE)
    return _changed(actor, target.user, changes)


def set_preferences(actor: Actor, *, language: str, time_zone: str) -> User:
    """Set the language and the time zone in which the actor is spoken to; "" is the browser's, or the organisation's.

    Raises Invalid (by field), NotFound where nobody is signed in.
    """
    user = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    if user is None:
        raise NotFound("user")
    return _changed(actor, user, {"language": language, "time_zone": time_zone})


def set_enabled(actor: Actor, *, target: Reached, is_enabled: bool) -> None:
    """Let somebody sign in, or not any more: then his pass and every session end in the same transaction.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict where he is the last Global Administrator.
    """
    target.require(Act.USERS_DISABLE)
    with changing_roles(actor, Act.USERS_DISABLE, target=target.user):
        user = _current(target.user)
        if user.is_enabled == is_enabled:
            return
        User.objects.filter(pk=user.pk).update(is_enabled=is_enabled)
        event = Event.USER_ENABLED if is_enabled else Event.USER_DISABLED
        # When enabling, too: a sign-in that was under way while he was disabled must not come to life now.
        record(event, actor=actor, target=user, detail=_end_access(actor, user, SessionEnd.USER_DISABLED))


def delete_user(actor: Actor, *, target: Reached) -> None:
    """Delete somebody, restorable for RESTORABLE. His pass and every session end in the same transaction.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict where he is the last Global Administrator.
    """
    target.require(Act.USERS_DELETE)
    with changing_roles(actor, Act.USERS_DELETE, target=target.user):
        user = _current(target.user)
        user.deleted_at = clock.now()
        user.save(update_fields=["deleted_at", "upn_key"])
        detail = _end_access(actor, user, SessionEnd.USER_DELETED)
        record(Event.USER_DELETED, actor=actor, target=user, detail=detail)


def restore_user(actor: Actor, *, target: Reached, upn: str = "") -> User:
    """Bring a deleted person back with groups, roles and methods, under ``upn`` where somebody else has his name now.

    ``target`` comes from ``accounts.access.reach_deleted``. Raises Refused, ConfirmationNeeded, NotFound (too late),
    Invalid (field ``upn``).
    """
    target.require(Act.USERS_RESTORE)
    try:
        with changing_roles(actor, Act.USERS_RESTORE, target=target.user):
            deleted = User.everyone.select_for_update().filter(pk=target.user.pk, deleted_at__isnull=False)
            user = deleted.first()
            if user is None or user.deleted_at is None or not rules.is_restorable(user.deleted_at, now=clock.now()):
                raise NotFound("user")
            before = Profile.of(user)
            after = rules.cleaned(replace(before, upn=upn or user.upn))
            keeps_guest_name = before.kind is UserKind.EXTERNAL_GUEST and after.upn == before.upn
            changed = [] if keeps_guest_name else ["upn"]
            _check(after, changed=changed, domains=queries.verified_domains(user.tenant_id), own=user)
            user.deleted_at, user.upn = None, after.upn
            user.save(update_fields=["deleted_at", "upn", "upn_key"])
            detail: Detail = {"upn": user.upn, **_end_access(actor, user, SessionEnd.USER_DELETED)}
            record(Event.USER_RESTORED, actor=actor, target=user, detail=detail)
            return user
    except IntegrityError as error:
        raise _taken() from error


def _changed(actor: Actor, known: User, changes: Mapping[str, Any]) -> User:
    try:
        with transaction.atomic(durable=True):
            lock_tenant(known.tenant_id)
            user = _current(known)
            before = Profile.of(user)
            after = rules.cleaned(replace(before, **changes))
            changed = [name for name in PROFILE_FIELDS if getattr(after, name) != getattr(before, name)]
            if not changed:
                return user
            if "kind" in changed and before.kind is UserKind.EXTERNAL_GUEST:
                raise wording.invalid({"kind": rules.Problem.KIND})
            _check(after, changed=changed, domains=queries.verified_domains(user.tenant_id), own=user)
            for name in changed:
                setattr(user, name, getattr(after, name))
            user.save()
            old, new = _plain(before), _plain(after)
            detail = {"old": {name: old[name] for name in changed}, "new": {name: new[name] for name in changed}}
            record(Event.USER_UPDATED, actor=actor, target=user, detail=detail)
            return user
    except IntegrityError as error:
        raise _taken() from error


def _current(known: User) -> User:
    user = User.objects.select_for_update().filter(pk=known.pk).first()
    if user is None:
        raise NotFound("user")
    return user


def _end_access(actor: Actor, user: User, end: SessionEnd) -> Detail:
    had_pass = ending.end_pass_of(actor, user, reason=end.value)
    return {"pass": had_pass, "sessions": sessions.revoke_all_of(user.id, end, now=clock.now())}


def _check(
    profile: Profile, *, changed: list[str] | tuple[str, ...], domains: list[str], own: User | None = None
) -> None:
    problems = rules.profile_problems(profile, changed=changed, domains=domains)
    if problems:
        raise wording.invalid(problems)
    namesakes = User.objects.filter(upn_key=fold_upn(profile.upn))
    if (namesakes.exclude(pk=own.pk) if own else namesakes).exists():
        raise _taken()


def _plain(profile: Profile) -> dict[str, object]:
    return {name: str(value) for name, value in asdict(profile).items()}


def _taken() -> Invalid:
    return Invalid("upn_taken", fields={"upn": wording.upn_taken()})
