"""Telling people. Called inside the transaction of the act, which it neither delays nor spoils: it writes one row."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act, Targeted
from accounts.models import Tenant, User
from audit.actions import record
from audit.enums import Event
from core import clock
from core.errors import Invalid
from core.retention import thin_out
from core.sql import insert
from notices import queries, rules
from notices.enums import Kind, Outcome
from notices.links import LIFE
from notices.models import Notice, NoticeSettings

Facts = Mapping[str, object]


def tell(kind: Kind, *, person: User, facts: Facts, key: str | None = None) -> None:
    """Tell a person, unless he has no address. What has been told under ``key`` is not told again."""
    if not rules.usable([person.mail]):
        return
    _tell(Notice(tenant_id=person.tenant_id, person=person, kind=kind, facts=dict(facts), key=key))


def tell_administrators(kind: Kind, *, tenant_id: UUID, facts: Facts, key: str | None = None) -> None:
    """Tell whoever the tenant has named for it. Who that is is asked when the mail is written."""
    _tell(Notice(tenant_id=tenant_id, kind=kind, facts=dict(facts), key=key))


def tell_many(kind: Kind, told: Collection[tuple[User, Facts]], *, tell_in: timedelta | None = None) -> None:
    """Tell each of many people something of his own, at once or after a while."""
    now = clock.now()
    first_try = now + (tell_in or timedelta())
    Notice.objects.bulk_create(
        Notice(
            tenant_id=person.tenant_id,
            person=person,
            kind=kind,
            facts=dict(facts),
            due_at=now,
            next_try_at=first_try,
        )
        for person, facts in told
    )


def policy_changed(
    actor: Actor, tenant: Tenant, method: Targeted, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Tell administrators what was changed in a policy or a campaign, and who came into its lists or left them."""
    changes = {name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]}
    changes.pop("targets", None)
    lists = queries.changes_of_lists(tenant.id, before["targets"], after["targets"])
    facts = {
        "what": method.value,
        "by": actor.name,
        "at": clock.now().isoformat(),
        "changes": changes,
        "lists": lists,
    }
    tell_administrators(Kind.POLICY_CHANGED, tenant_id=tenant.id, facts=facts)


def deny(*, notice: Notice) -> bool:
    """Note that the person says it was not he, inside the transaction that acts on it. False where he said so before."""
    now = clock.now()
    standing = Notice.objects.filter(pk=notice.pk, denied_at=None, due_at__gt=now - LIFE)
    return bool(standing.update(denied_at=now))


def choose_administrators(actor: Actor, *, addresses: Collection[str]) -> None:
    """Set to which addresses notices to administrators go; none: to the holders of the two strongest roles.

    Raises Refused, ConfirmationNeeded, Invalid (field ``addresses``).
    """
    require_in_tenant(actor, Act.TENANT_CONFIGURE)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant passes the line above
    wanted = list(dict.fromkeys(address.strip() for address in addresses if address.strip()))
    wrong = rules.address_problem(wanted)
    if wrong is not None:
        raise Invalid("addresses", fields={"addresses": wrong})
    with transaction.atomic(durable=True):
        tenant = Tenant.objects.get(pk=actor.tenant_id)
        stored, _is_new = NoticeSettings.objects.select_for_update().get_or_create(tenant=tenant)
        old, stored.addresses = stored.addresses, wanted
        if old == wanted:
            return
        stored.save()
        record(Event.NOTICES_CHANGED, actor=actor, target=tenant, detail={"old": old, "new": wanted})
        # The old ones learn of it too: whoever wants to silence the alarm is heard once more.
        facts = {
            "what": "notices",
            "by": actor.name,
            "at": clock.now().isoformat(),
            "changes": {"addresses": [old, wanted]},
        }
        tell_administrators(Kind.POLICY_CHANGED, tenant_id=tenant.id, facts=facts | {"also_to": old})


def withdraw_all() -> int:
    """Send nothing of what is still to be sent, in any tenant, and return how many notices that were. After a restore."""
    waiting = Notice.objects.filter(next_try_at__isnull=False)
    return waiting.update(outcome=Outcome.GIVEN_UP, next_try_at=None)


def forget_old(*, now: datetime) -> int:
    """Delete notices whose link is over; return how many went. Housekeeping."""
    return thin_out(Notice.objects.exclude(outcome=Outcome.WAITING).filter(due_at__lt=now - LIFE))


def _tell(notice: Notice) -> None:
    notice.due_at = notice.next_try_at = clock.now()
    if notice.key is None:
        insert(notice)
    else:
        Notice.objects.bulk_create([notice], ignore_conflicts=True)
