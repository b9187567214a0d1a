"""Writing an event: the one way in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from audit.activities import ACTIVITIES
from audit.counting import count
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core import clock
from core.sql import insert

Detail = Mapping[str, str | int | bool | list[str] | dict[str, object] | None]


class Acting(Protocol):
    """Whoever does something: ids and names as they are at this moment. ``via``: the application he comes through."""

    @property
    def tenant_id(self) -> UUID | None: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def audit_name(self) -> str: ...
    @property
    def via(self) -> dict[str, object] | None: ...
    @property
    def session_id(self) -> UUID | None: ...
    @property
    def address(self) -> str: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def request_id(self) -> str: ...


class Named(Protocol):
    """Whatever something is done to."""

    @property
    def id(self) -> UUID: ...
    @property
    def tenant_id(self) -> UUID: ...
    @property
    def audit_name(self) -> str: ...


@dataclass(frozen=True)
class System:
    """The product itself, where nobody asked: what time does, and what settings demand."""

    tenant_id: UUID | None = None
    user_id: None = None
    audit_name: str = "system"
    via: None = None
    session_id: None = None
    address: str = ""
    user_agent: str = ""
    request_id: str = ""


def record(
    event: Event,
    *,
    actor: Acting,
    target: Named | None = None,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str = "",
    detail: Detail | None = None,
) -> None:
    """Write one event, in the transaction that is open (a change) or by itself (a refusal): one INSERT, no more.

    ``detail`` is public to auditors: whoever calls puts no secret in it.
    """
    write(event_of(event, actor, target, outcome=outcome, reason=reason, detail=detail))


def record_many(event: Event, *, actor: Acting, about: Iterable[tuple[Named, Detail]], reason: str = "") -> None:
    """Write one event for each of many targets, in the transaction of the change that touches them all."""
    rows = [event_of(event, actor, target, reason=reason, detail=detail) for target, detail in about]
    AuditEvent.objects.bulk_create(rows)
    count(event, Outcome.SUCCESS, reason, times=len(rows))


def write(*events: AuditEvent) -> None:
    """Write events of ``event_of`` in the order given, in one INSERT: for the sign-in, which has two and is in haste."""
    insert(*events)
    for one in events:
        count(Event(one.event), Outcome(one.outcome), one.reason, method=one.detail.get("method"))


def event_of(
    event: Event,
    actor: Acting,
    target: Named | None,
    *,
    outcome: Outcome = Outcome.SUCCESS,
    reason: str = "",
    detail: Detail | None = None,
) -> AuditEvent:
    """Return an event as it is to be written."""
    activity = ACTIVITIES[event]
    is_own = target is not None and target.id == actor.user_id
    return AuditEvent(
        at=clock.now(),
        tenant_id=target.tenant_id if target else actor.tenant_id,
        event=event,
        activity=activity.name_for(is_own=is_own),
        is_sign_in=activity.is_sign_in,
        outcome=outcome,
        reason=reason,
        actor_id=actor.user_id,
        actor_name=actor.audit_name[:320],
        target_id=target.id if target else None,
        target_name=target.audit_name[:320] if target else "",
        session_id=actor.session_id,
        address=actor.address,
        user_agent=actor.user_agent[:256],
        request_id=actor.request_id,
        detail={**(detail or {}), **({"via": actor.via} if actor.via else {})},
    )
