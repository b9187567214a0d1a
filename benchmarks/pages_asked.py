"""One organisation of benchmarks.pages: made on the first run, then asked for pages by name, one a line.

Answers are JSON lines. The product's clock stands where it stood when the data were made, so that the passes and
sessions that were live then are live in every run.
"""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any
from urllib.parse import quote

import django

django.setup()

from django.conf import settings  # noqa: E402  the settings must be there first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402

from accounts.enums import MethodKind  # noqa: E402
from accounts.models import Group, RoleAssignment, Tenant, User  # noqa: E402
from accounts.sessions import Opening, open_session  # noqa: E402
from audit.models import AuditEvent  # noqa: E402
from config.scale.organisation import domain_of  # noqa: E402
from core import clock  # noqa: E402
from core.paging import page_of  # noqa: E402
from tap.models import TemporaryAccessPass  # noqa: E402

Ask = Callable[[], int]
COMMON, COMMON_INSIDE = "mar", "mail.example"


class Organisation:
    """The organisation, and an administrator who looks at it."""

    def __init__(self, users: int) -> None:
        call_command("migrate", verbosity=0)
        if not Tenant.objects.filter(domains__name=domain_of(1)).exists():
            call_command("seed_scale", users=users, stdout=sys.stderr)
        self.tenant = Tenant.objects.get(domains__name=domain_of(1))
        there = User.objects.filter(tenant=self.tenant).count()
        if there != users:
            sys.exit(f"{connection.settings_dict['NAME']} holds {there:,} users, not {users:,}. Remove it.")
        made, began = self.tenant.created_at, perf_counter()
        clock.now = lambda: made + timedelta(minutes=1, seconds=perf_counter() - began)
        self.people = User.objects.filter(tenant=self.tenant)
        self.client = self._administrator()

    def pages(self) -> dict[str, Ask]:
        """Return every page by the name it is printed with."""
        people, groups = self.people.order_by("name_key", "id"), Group.objects.filter(tenant=self.tenant)
        deep = page_of(people.filter(name_key__gte="p"), order=("name_key", "id")).next
        person = self._somebody()
        double = people.filter(name_key__contains="-", name_key__gte="k")[0]
        users = reverse("accounts:users")
        addresses = {
            "users, first page": users,
            "users, deep page": f"{users}?page={deep}",
            "users, guests of other organisations": f"{users}?kind=external_guest",
            "users, disabled": f"{users}?state=disabled",
            f"search, common: {COMMON}": f"{users}?q={COMMON}",
            f"search, common, inside: {COMMON_INSIDE}": f"{users}?q={COMMON_INSIDE}",
            "search, rare: part of a double name": f"{users}?q={quote(double.display_name.split(' ', 1)[1][1:-1])}",
            "search, no match": f"{users}?q=marxmar",
            "search, whole user name": f"{users}?q={quote(person.upn)}",
            "search, part of a user name": f"{users}?q={quote(person.upn.partition('@')[0][1:])}",
            "picker": f"{reverse('accounts:principals')}?q={COMMON}",
            "a user": reverse("accounts:user", args=[person.id]),
            "a user's groups": reverse("accounts:user_groups", args=[person.id]),
            "groups": reverse("accounts:groups"),
            "a group, some in a hundred": reverse("accounts:group", args=[groups.get(name="New hires").id]),
            "roles": reverse("accounts:roles"),
            "live passes": _address("tap:passes"),
            "a user's authentication methods": _address("authmethods:user_methods", person.id),
            "can they use a pass?": _address("authmethods:why", person.id),
            "support desk, users": _address("admin:accounts_user_changelist"),
            f"support desk, search: {COMMON}": f"{reverse('admin:accounts_user_changelist')}?q={COMMON}",
            "support desk, passes": _address("admin:tap_temporaryaccesspass_changelist"),
            "support desk, a user": _address("admin:accounts_user_change", person.id),
            "support desk, a user's history": _address("admin:accounts_user_history", person.id),
        }
        asked = {name: self._page(address) for name, address in addresses.items() if address}
        one = "what-if, one person"
        return asked | {one: self._what_if(person)[one], "audit events, newest 50 (query)": self._events}

    def _what_if(self, person: User) -> dict[str, Ask]:
        """Return previews of the policy: nobody any more, some in a hundred only, all but those, and one person."""
        address, group = reverse("tap:policy_target"), Group.objects.get(tenant=self.tenant, name="New hires")
        everybody = {"preview": "1", "is_enabled": "on", "reach": "everyone"}
        some = everybody | {"reach": "selected", "include": f"group:{group.id}"}
        but_some = everybody | {"exclude": f"group:{group.id}"}
        drafts = {
            "what-if, turned off": {"preview": "1", "reach": "everyone"},
            "what-if, some in a hundred only": some,
            "what-if, all but some in a hundred": but_some,
            "what-if, one person": some | {"person": str(person.id)},
        }
        return {name: self._page(address, draft) for name, draft in drafts.items()}

    def unbounded(self) -> dict[str, Ask]:
        """Return the pages that say more where there is more to say: measured, but design §7 sets no bound.

        Home and the previews of a policy count up to 1,001 of what a small organisation has few of.
        """
        sessions = reverse("admin:accounts_signinsession_changelist")
        addresses = {
            "home": _address("authmethods:home"),
            f"support desk, sessions of: {COMMON}": f"{sessions}?q={COMMON}",
        }
        asked = {name: self._page(address) for name, address in addresses.items() if address}
        return asked | {name: ask for name, ask in self._what_if(self._somebody()).items() if "person" not in name}

    def _somebody(self) -> User:
        """Return somebody who has a pass."""
        return TemporaryAccessPass.objects.filter(tenant=self.tenant).order_by("id")[0].user

    def _page(self, address: str, sent: dict[str, str] | None = None) -> Ask:
        def ask() -> int:
            answer = self.client.get(address) if sent is None else self.client.post(address, sent)
            if answer.status_code != 200:
                sys.exit(f"{address} answered {answer.status_code}")
            return int(answer.content.count(b"<tr>") - answer.content.count(b"<thead>"))

        return ask

    def _events(self) -> int:
        return len(AuditEvent.objects.filter(tenant_id=self.tenant.id).order_by("-id")[:50])

    def _administrator(self) -> Client:
        held = RoleAssignment.objects.filter(tenant=self.tenant, user__isnull=False).select_related("user")
        user = held.order_by("user__upn_key")[0].user
        assert user is not None  # noqa: S101
        User.objects.filter(pk=user.pk).update(is_support_staff=True)
        _, token = open_session(Opening(user=user, method=MethodKind.FIDO2, credential_id=None), now=clock.now())
        client = Client()
        client.cookies[settings.SIGN_IN_COOKIE] = token
        return client


def _address(name: str, *arguments: object) -> str | None:
    """Return the address of a page of another app, None while it has none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        sys.stderr.write(f"not measured: there is no page {name}\n")
        return None


def main() -> None:
    """Do what this module says."""
    organisation = Organisation(int(sys.argv[1]))
    bounded, unbounded = organisation.pages(), organisation.unbounded()
    say(database=version())
    for line in sys.stdin:
        asked = line.strip()
        if asked == "?":
            say(bounded=list(bounded), unbounded=list(unbounded))
            continue
        began, cpu = perf_counter(), process_time()
        rows = (bounded | unbounded)[asked]()
        say(wall=1000 * (perf_counter() - began), cpu=1000 * (process_time() - cpu), rows=rows)


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        return f"{connection.display_name} {cursor.fetchone()[0]}"


def say(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
