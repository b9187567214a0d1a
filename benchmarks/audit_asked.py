"""One organisation of benchmarks.audit: made on the first run, then asked for pages by name, one a line."""

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  the settings must be there first
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.enums import MethodKind  # noqa: E402
from accounts.sessions import Opening, open_session  # noqa: E402
from audit.activities import ACTIVITIES  # noqa: E402
from audit.enums import Event, Outcome  # noqa: E402
from audit.models import AuditEvent  # noqa: E402
from audit.queries import Filters, page  # noqa: E402
from audit.sealing import seal_all  # noqa: E402
from audit.verifying import verify  # noqa: E402
from config.demo import find_world, make_world  # noqa: E402
from config.scale.bulk import indexes_made_afterwards, roomy_cache, table_of, take_stock, write  # noqa: E402
from core import clock  # noqa: E402

Ask = Callable[[], int]
COLUMNS = (
    "at", "tenant_id", "event", "activity", "is_sign_in", "outcome", "reason", "actor_id", "actor_name", "target_id",
    "target_name", "address", "request_id", "detail",
)  # fmt: skip
DAY = timedelta(days=1)


class Log:
    """The organisation with its events, and an administrator who reads them."""

    def __init__(self, number: int) -> None:
        call_command("migrate", verbosity=0)
        self.world = find_world() or make_world()
        if not AuditEvent.objects.exists():
            self._fill(number)
        there = AuditEvent.objects.count()
        if not number <= there <= number + 1000:
            sys.exit(f"{connection.settings_dict['NAME']} holds {there:,} events, not {number:,}. Remove it.")
        newest = AuditEvent.objects.latest("at").at
        began = perf_counter()
        clock.now = lambda: newest + timedelta(minutes=1, seconds=perf_counter() - began)
        _, token = open_session(
            Opening(user=self.world.grace, method=MethodKind.FIDO2, credential_id=None), now=clock.now()
        )
        self.client = Client()
        self.client.cookies[settings.SIGN_IN_COOKIE] = token

    def pages(self) -> dict[str, Ask]:
        """Return every page by the name it is printed with."""
        mia, tenant = self.world.mia, self.world.contoso.id
        half = AuditEvent.objects.filter(tenant_id=tenant).order_by("at")[AuditEvent.objects.count() // 2]
        deep = page(tenant, Filters(ends=half.at)).next
        log, one = "/center/audit/", AuditEvent.objects.filter(tenant_id=tenant).latest("id")
        addresses = {
            "audit log": f"{log}?days=all",
            "audit log, deep page": f"{log}?days=all&page={deep}",
            "audit log, last 90 days": f"{log}?days=90",
            "audit log, an activity": f"{log}?days=all&event=tap:pass:issued",
            "audit log, a rare activity": f"{log}?days=all&event=tap:policy:changed",
            "audit log, denied": f"{log}?days=all&outcome=denied",
            "audit log, a person": f"{log}?days=all&person={mia.id}",
            "audit log, a person and an activity": f"{log}?days=all&person={mia.id}&event=tap:pass:refused",
            "audit log, a request": f"{log}?days=all&request={one.request_id}",
            "audit log, one event": f"{log}{one.id}/?days=all",
            "sign-in log": "/center/sign-ins/?days=all",
            "sign-in log, failures": "/center/sign-ins/?days=all&outcome=failure",
            "a person's Activity": f"/center/users/{mia.id}/activity/",
        }
        graph = {
            "directory audits (query)": Filters(is_sign_in=False),
            "an activity by Graph's name (query)": Filters(activity="Authentication Methods Policy Update"),
        }
        return {name: self._page(address) for name, address in addresses.items()} | {
            name: self._query(wanted) for name, wanted in graph.items()
        }

    def unbounded(self) -> dict[str, Ask]:
        """Return what looks at up to 10,000 events, or at everything one person ever did, of which a small log has less."""
        rare = Filters(actor_id=self.world.grace.id, activity="Access denied")
        return {
            "audit log, verified": self._page("/center/audit/?days=all&verify=1"),
            "nothing among a tenth of all (query)": self._query(rare),
        }

    def _page(self, address: str) -> Ask:
        def ask() -> int:
            answer = self.client.get(address)
            if answer.status_code != 200:
                sys.exit(f"{address} answered {answer.status_code}")
            return int(answer.content.count(b"<tr>") - answer.content.count(b"<thead>"))

        return ask

    def _query(self, wanted: Filters) -> Ask:
        return lambda: len(page(self.world.contoso.id, wanted).rows)

    def _fill(self, number: int) -> None:
        began = perf_counter()
        with roomy_cache(), transaction.atomic(), indexes_made_afterwards([table_of(AuditEvent)], _tell):
            write(AuditEvent, COLUMNS, self._events(number))
        take_stock()
        written = perf_counter()
        sealed = 0
        while count := seal_all():
            sealed += count
        done = perf_counter()
        verdict = verify(self.world.contoso.id)
        looked = perf_counter()
        if not verdict.is_intact or verdict.events != number:
            sys.exit(f"the log made is not sound: {verdict}")
        each = [1e6 * seconds / number for seconds in (written - began, done - written, looked - done)]
        _tell(
            f"{number:,} events: written in {each[0]:.0f}, sealed in {each[1]:.0f}, verified in {each[2]:.0f} µs each"
        )

    def _events(self, number: int) -> Iterator[tuple[Any, ...]]:
        """Yield events of half a year, oldest first: mostly sign-ins, of half a million people, Mia and Grace among them."""
        tenant, now = self.world.contoso.id, clock.now()
        kinds = [Event.SIGNED_IN] * 7 + [Event.PASS_REFUSED, Event.PASS_ISSUED, Event.PASS_USED]
        for count in range(number):
            event = kinds[count * 7 % 10]
            is_rare = count % (number // 100 or 1) == 0
            event = (
                (Event.ACCESS_DENIED, Event.TAP_POLICY_CHANGED)[count // (number // 100 or 1) % 2] if is_rare else event
            )
            activity = ACTIVITIES[event]
            person = (
                self.world.mia.id if count % (number // 200 or 1) == 1 else uuid.UUID(int=count % (number // 2) + 1)
            )
            actor = self.world.grace.id if event in (Event.PASS_ISSUED, Event.TAP_POLICY_CHANGED) else person
            outcome = (
                Outcome.DENIED if event is Event.ACCESS_DENIED
                else Outcome.FAILURE if event is Event.PASS_REFUSED else Outcome.SUCCESS
            )  # fmt: skip
            yield (
                now - 180 * DAY + 180 * DAY * count / number, tenant, event.value, activity.name, activity.is_sign_in,
                outcome.value, "" if outcome is Outcome.SUCCESS else "no_role", actor, "actor@contoso.com", person,
                "target@contoso.com", "192.0.2.7", f"{count:016x}", {"pass": str(uuid.UUID(int=count))},
            )  # fmt: skip


def main() -> None:
    """Do what this module says."""
    log = Log(int(sys.argv[1]))
    bounded, unbounded = log.pages(), log.unbounded()
    _say(database=connection.display_name)
    for line in sys.stdin:
        asked = line.strip()
        if asked == "?":
            _say(bounded=list(bounded), unbounded=list(unbounded))
            continue
        began, cpu = perf_counter(), process_time()
        rows = (bounded | unbounded)[asked]()
        _say(wall=1000 * (perf_counter() - began), cpu=1000 * (process_time() - cpu), rows=rows)


def _say(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
