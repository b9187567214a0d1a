"""The API on a disk that is full: refused in Graph's form, nothing half-made, and as before once there is room."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection

from audit.enums import Event
from audit.models import AuditEvent
from notices.models import Notice
from tap.models import TemporaryAccessPass
from tests.graph.conftest import ApiOf
from tests.graph.test_failures import check, passes

MOST = 300  # issues until the pages that are there already are full
REFUSE = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON audit_auditevent EXECUTE FUNCTION no_room();
"""


@contextmanager
def full_disk() -> Iterator[None]:
    """Let SQLite have no page more than it has, and none of them free; let PostgreSQL say what it says then."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REFUSE)
            yield
            cursor.execute("DROP TRIGGER no_room ON audit_auditevent; DROP FUNCTION no_room")
            return
        before = cursor.execute("PRAGMA max_page_count").fetchone()[0]
        cursor.execute("CREATE TABLE filler (bytes BLOB)")
        cursor.execute("PRAGMA max_page_count = 1")  # never below what it has
        for size in (400_000, 40_000, 4_000):
            with suppress(OperationalError):
                while True:
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])
        yield
        cursor.execute(f"PRAGMA max_page_count = {before}")
        cursor.execute("DROP TABLE filler")


@pytest.mark.django_db(transaction=True)
def test_a_pass_that_cannot_be_saved_is_refused_and_nothing_is_half_made(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    issued = 0
    with full_disk():
        while (answer := grace.post(passes(world), {})).status_code == 201 and issued < MOST:
            issued += 1
        check(answer, 503, "ServiceUnavailable")
        assert answer.headers["Retry-After"] == "10"
        inside = grace.post("/$batch", {"requests": [{"id": "1", "method": "POST", "url": passes(world), "body": {}}]})
        assert inside.status_code in {200, 503}
        assert TemporaryAccessPass.objects.filter(user=world.mia).count() == issued
        assert AuditEvent.objects.filter(event=Event.PASS_ISSUED, target_id=world.mia.id).count() == issued
        assert Notice.objects.filter(person=world.mia, kind="pass:issued").count() == issued
    again = grace.post(passes(world), {})
    assert again.status_code == 201
    assert TemporaryAccessPass.objects.open().filter(user=world.mia).count() == 1
