"""The only door to another user: fetch and authorise in one call. Another tenant's user is not found, not denied."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.authority import Actor, Decision, Reason, SessionFacts, TenantRules, decide, holders_of
from accounts.enums import Act, MethodKind, RequiredStrength, Role, SessionEnd, Standing
from accounts.memberships import roles_of, roles_through
from accounts.models import Group, SignInSession, Tenant, User
from accounts.sessions import facts_of, session_with_id
from audit.actions import Named, record
from audit.enums import Event, Outcome
from core import clock
from core.errors import Denied, NotFound, StepUpNeeded
from core.text import fold_upn, spelled

COMMAND_LINE = "command-line"  # stands in events where a page's request id stands
NO_SESSION = UUID(int=0)

Row = TypeVar("Row", User, Group)


class Refused(Denied):
    """A decision said no. ``reason`` is the machine's word for it, ``needed`` the roles that would do."""

    def __init__(self, reason: Reason, needed: list[Role]) -> None:
        super().__init__(reason.value, reason.message)
        self.reason = reason
        self.needed = needed


class ConfirmationNeeded(StepUpNeeded):
    """Only the sign-in is too weak or too old; signing in again would do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value, reason.message)
        self.reason = reason


@dataclass(frozen=True)
class Reached:
    """A user the actor may look at, and what that user is to him."""

    actor: Actor
    user: User
    standing: Standing
    roles: frozenset[Role]

    def decide(self, act: Act) -> Decision:
        """Say whether the actor may also do ``act``."""
        return decide(self.actor, act, self.standing, now=clock.now())

    def may(self, act: Act) -> bool:
        """True where a page should offer ``act``: allowed, or allowed after confirming."""
        return _is_offered(self.decide(act).reason)

    def require(self, act: Act) -> None:
        """Raise unless the actor may do ``act`` to this user."""
        require(self.actor, act, self.standing, target=self.user)


@dataclass(frozen=True)
class ReachedGroup:
    """A group the actor may look at, and what it is to him: as an administrator where it gives a role."""

    actor: Actor
    group: Group
    standing: Standing
    roles: frozenset[Role]

    def may(self, act: Act) -> bool:
        """True where a page should offer ``act``: allowed, or allowed after confirming."""
        return _is_offered(decide(self.actor, act, self.standing, now=clock.now()).reason)

    def require(self, act: Act) -> None:
        """Raise unless the actor may do ``act`` to this group."""
        require(self.actor, act, self.standing, target=self.group)


def actor_of(session: SignInSession, *, address: str = "", user_agent: str = "", request_id: str = "") -> Actor:
    """Return the person behind a live session, with the roles he holds at this moment."""
    user = session.user
    return Actor(
        user_id=user.id,
        name=user.display_name,
        upn=user.upn,
        tenant=rules_of(session.tenant),
        roles=roles_of([user.id])[user.id],
        is_support_staff=user.is_support_staff,
        session=facts_of(session),
        address=address,
        user_agent=user_agent,
        request_id=request_id,
    )


def acting_for(session_id: UUID, *, ordered_at: datetime | None = None) -> Actor | None:
    """Return who ordered a task in a sign-in, with the roles he holds at this moment; ask again as the work goes on.

    ``ordered_at``: his sign-in is judged as it was then. None where somebody ended it since, or he may not sign in any more.
    """
    session = session_with_id(session_id)
    if session is None or not session.user.is_active or not session.tenant.is_enabled:
        return None
    if session.revoked_at is not None and not SessionEnd(session.revoked_reason).is_own_doing:
        return None
    return replace(actor_of(session), ordered_at=ordered_at)


def from_command_line(upn: str | None) -> Actor:
    """Return the machine's operator, or the administrator he acts as, whose sign-in then counts as fresh.

    Raises NotFound where there is nobody enabled of that name.
    """
    if upn is None:
        return Actor(is_operator=True, request_id=COMMAND_LINE)
    user = User.objects.select_related("tenant").filter(upn_key=fold_upn(spelled(upn))).first()
    if user is None or not user.is_enabled or not user.tenant.is_enabled:
        raise NotFound("actor", "There is no enabled user with the name given after --as.")
    now = clock.now()
    here = SessionFacts(
        id=NO_SESSION,
        method=MethodKind.OPERATOR,
        credential_id=None,
        authenticated_at=now,
        ends_at=now + timedelta(minutes=1),
        registration_ends_at=None,
    )
    return Actor(
        user_id=user.id,
        name=user.display_name,
        upn=user.upn,
        tenant=rules_of(user.tenant),
        roles=roles_of([user.id])[user.id],
        session=here,
        request_id=COMMAND_LINE,
    )


def rules_of(tenant: Tenant) -> TenantRules:
    """Return the tenant's settings that decisions need."""
    return TenantRules(
        id=tenant.id,
        name=tenant.name,
        issuer_strength=RequiredStrength(tenant.issuer_strength),
        admin_fresh_minutes=tenant.admin_fresh_minutes,
        methods_fresh_minutes=tenant.methods_fresh_minutes,
    )


def reach(actor: Actor, user_id: UUID | str, act: Act, *, people: QuerySet[User] | None = None) -> Reached:
    """Return the user of the actor's tenant with that id, if the actor may do ``act`` to him.

    ``people``: users with whatever else of them the page needs, so that one query brings it all.
    Raises NotFound (no such user, or another tenant's), Refused, ConfirmationNeeded.
    """
    try:
        user = _within_reach(actor, people).get(pk=user_id)
    except (User.DoesNotExist, ValidationError, ValueError):
        raise NotFound("user") from None
    return _reached(actor, user, act)


def reach_upn(actor: Actor, upn: str, act: Act, *, people: QuerySet[User] | None = None) -> Reached:
    """Do the same by user principal name."""
    user = _within_reach(actor, people).filter(upn_key=fold_upn(upn)).first()
    if user is None:
        raise NotFound("user")
    return _reached(actor, user, act)


def reach_many(actor: Actor, user_ids: Collection[UUID]) -> dict[UUID, Reached]:
    """Return those of the actor's tenant among some users, for whoever then asks each for an act: two queries for all."""
    users = _within_reach(actor).in_bulk(user_ids)
    roles = roles_of(users)
    return {
        user.id: Reached(actor, user, _standing(actor, user, roles[user.id]), roles[user.id]) for user in users.values()
    }


def reach_deleted(actor: Actor, user_id: UUID | str, act: Act) -> Reached:
    """Return a deleted user of the actor's tenant, if the actor may do ``act`` to him; he stands as he did.

    Raises NotFound, Refused, ConfirmationNeeded.
    """
    people = User.everyone.select_related("tenant").filter(deleted_at__isnull=False)
    try:
        user = _within_reach(actor, people).get(pk=user_id)
    except (User.DoesNotExist, ValidationError, ValueError):
        raise NotFound("user") from None
    return _reached(actor, user, act)


def reach_group(actor: Actor, group_id: UUID | str, act: Act) -> ReachedGroup:
    """Return the group of the actor's tenant with that id, if the actor may do ``act`` to it.

    Raises NotFound (no such group, or another tenant's), Refused, ConfirmationNeeded.
    """
    groups = Group.objects.select_related("tenant")
    try:
        group = _of_tenant(actor, groups).get(pk=group_id)
    except (Group.DoesNotExist, ValidationError, ValueError):
        raise NotFound("group") from None
    roles = roles_through(group.id)
    standing = Standing.ADMIN if roles else Standing.MEMBER
    require(actor, act, standing, target=group)
    return ReachedGroup(actor=actor, group=group, standing=standing, roles=roles)


def require(actor: Actor, act: Act, standing: Standing, *, target: Named | None = None) -> None:
    """Raise unless ``actor`` may do ``act``. Refusals are recorded here, before any transaction of the caller.

    Raises Refused, or ConfirmationNeeded where signing in again would do.
    """
    reason = decide(actor, act, standing, now=clock.now()).reason
    if reason is Reason.ALLOWED:
        return
    if reason.can_step_up:
        raise ConfirmationNeeded(reason)
    raise refusal(actor, act, standing, reason, target=target)


def refusal(actor: Actor, act: Act, standing: Standing, reason: Reason, *, target: Named | None) -> Refused:
    """Record that ``act`` was refused, outside of any transaction that is undone, and return the error that says so."""
    record(
        Event.ACCESS_DENIED,
        actor=actor,
        target=target,
        outcome=Outcome.DENIED,
        reason=reason.value,
        detail={"act": act.value},
    )
    return Refused(reason, holders_of(act, standing))


def require_in_tenant(actor: Actor, act: Act) -> None:
    """Raise unless ``actor`` may do ``act``, which concerns nobody in particular."""
    require(actor, act, Standing.MEMBER)


def hold_sign_in(actor: Actor) -> None:
    """Keep the actor's sign-in from ending before the caller's transaction does: for what took a while since it was judged.

    Raises ConfirmationNeeded where it has ended meanwhile.
    """
    session = actor.session
    if session is None or session.id == NO_SESSION:
        return
    standing = SignInSession.objects.select_for_update(no_key=True).filter(pk=session.id, revoked_at=None)
    if standing.values_list("pk").first() is None:
        raise ConfirmationNeeded(Reason.NOT_SIGNED_IN)


def may_in_tenant(actor: Actor, act: Act) -> bool:
    """True where a page should offer ``act``, which concerns nobody in particular: allowed, or after confirming."""
    return _is_offered(decide(actor, act, Standing.MEMBER, now=clock.now()).reason)


def _is_offered(reason: Reason) -> bool:
    return reason is Reason.ALLOWED or reason is Reason.SIGN_IN_NOT_FRESH


def _within_reach(actor: Actor, people: QuerySet[User] | None = None) -> QuerySet[User]:
    return _of_tenant(actor, User.objects.select_related("tenant") if people is None else people)


def _of_tenant(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    if actor.is_operator:
        return rows
    return rows.filter(tenant_id=actor.tenant_id) if actor.tenant_id else rows.none()


def _reached(actor: Actor, user: User, act: Act) -> Reached:
    roles = roles_of([user.id], are_deleted=user.deleted_at is not None)[user.id]
    standing = _standing(actor, user, roles)
    require(actor, act, standing, target=user)
    return Reached(actor=actor, user=user, standing=standing, roles=roles)


def _standing(actor: Actor, user: User, roles: frozenset[Role]) -> Standing:
    return Standing.SELF if user.id == actor.user_id else Standing.ADMIN if roles else Standing.MEMBER
