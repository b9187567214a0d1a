"""Every filter of the logs leads through its own index, in the order they are read: nothing is sorted, nothing walked over."""

import uuid

import pytest
from django.db import connection

from audit.enums import Event
from audit.queries import NEWEST_FIRST, Filters, events, happened_to

SOMEBODY = uuid.UUID(int=1)
PLANS = [
    (Filters(), "audit_by_time"),
    (Filters(is_sign_in=True), "audit_by_log"),
    (Filters(is_sign_in=False), "audit_by_log"),
    (Filters(event="x"), "audit_by_event"),
    (Filters(activity="x"), "audit_by_activity"),
    (Filters(activity="x", is_sign_in=False), "audit_by_activity"),
    (Filters(outcome="denied"), "audit_by_outcome"),
    (Filters(outcome="failure", is_sign_in=True), "audit_by_outcome"),
    (Filters(event="x", outcome="failure"), "audit_by_event"),
    (Filters(actor_id=SOMEBODY), "audit_by_actor"),
    (Filters(actor_id=SOMEBODY, activity="x", outcome="failure"), "audit_by_actor"),
    (Filters(target_id=SOMEBODY, event="x", is_sign_in=True), "audit_by_target"),
    (Filters(request_id="x", event="x"), "audit_by_request"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("wanted", "index"), PLANS)
def test_it_is_read_through_its_index(wanted: Filters, index: str) -> None:
    (rows,) = events(SOMEBODY, wanted)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows.order_by(*NEWEST_FIRST)[:51].explain()
    assert "B-TREE" not in plan
    assert index in plan if connection.vendor == "sqlite" else "Seq Scan" not in plan


@pytest.mark.django_db
def test_a_person_is_two_ranges_and_a_history_one() -> None:
    assert len(events(SOMEBODY, Filters(person=SOMEBODY))) == 2
    if connection.vendor == "sqlite":
        plan = happened_to(SOMEBODY, SOMEBODY, kinds=[Event.PASS_ISSUED]).order_by(*NEWEST_FIRST)[:51].explain()
        assert "audit_by_target" in plan
