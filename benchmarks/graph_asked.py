"""One organisation of benchmarks.graph: asked for operations of the API by name, one a line, as an administrator's program."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.decorators import login_not_required  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import URLPattern, URLResolver, path  # noqa: E402

from accounts.enums import MethodKind  # noqa: E402
from accounts.models import RoleAssignment, User  # noqa: E402
from accounts.sessions import Opening, open_session  # noqa: E402
from benchmarks.pages_asked import Organisation, say, version  # noqa: E402
from config import urls  # noqa: E402
from core import clock  # noqa: E402
from oidc.enums import Permission  # noqa: E402
from oidc.models import Application, TokenFamily  # noqa: E402
from oidc.tokens import bearer_of, graph_audience, mint  # noqa: E402
from tap.models import TapPolicy  # noqa: E402

BARE = "a bare view that judges the token"


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """Judge the token and say one word."""
    return JsonResponse({"id": str(bearer_of(request, graph_audience()).actor.user_id)})  # type: ignore[arg-type]


urlpatterns: list[URLPattern | URLResolver] = [path("bare", bare), *urls.urlpatterns]


def token_in(organisation: Organisation) -> str:
    """Return a token of an administrator who may do everything."""
    held = RoleAssignment.objects.filter(tenant=organisation.tenant, user__isnull=False).select_related("user__tenant")
    user = held.order_by("user__upn_key")[0].user
    assert user is not None  # noqa: S101
    opening = Opening(user=user, method=MethodKind.FIDO2, credential_id=None)
    session, _ = open_session(opening, now=clock.now())
    application, _ = Application.objects.get_or_create(tenant=user.tenant, name="Benchmark", client_type="public")
    family = TokenFamily.objects.create(application=application, session=session, began_at=clock.now())
    return mint(family, list(Permission), now=clock.now(), lifetime=timedelta(hours=12)).text


def operations(organisation: Organisation) -> dict[str, Callable[[], Any]]:
    """Return what is measured, by the name it is printed with."""
    headers = {"Authorization": f"Bearer {token_in(organisation)}"}
    client, root = Client(headers=headers), "/graph/v1.0"
    holders = RoleAssignment.objects.filter(tenant=organisation.tenant, user__isnull=False).values("user")
    person = User.objects.filter(tenant=organisation.tenant, is_enabled=True, kind="member").exclude(pk__in=holders)[7]
    passes = f"{root}/users/{person.id}/authentication/temporaryAccessPassMethods"
    deep = json.loads(client.get(f"{root}/users?$filter=startswith(displayName,'m')&$top=20").content)
    following = str(deep["@odata.nextLink"]).removeprefix(settings.PUBLIC_URL)
    return {
        BARE: lambda: client.get("/bare"),
        "users, first page of 50": lambda: client.get(f"{root}/users?$top=50"),
        "users by a prefix, second page of 20": lambda: client.get(following),
        "users, two prefixes": lambda: client.get(
            f"{root}/users?$filter=startswith(displayName,'mar') or startswith(userPrincipalName,'mar')&$top=50"
        ),
        "a user by user name": lambda: client.get(f"{root}/users/{person.upn}"),
        "a user's methods": lambda: client.get(f"{root}/users/{person.id}/authentication/methods"),
        "all passes, 50": lambda: client.get(f"{root}/gatepass/temporaryAccessPasses?$top=50"),
        "registration details, 50": lambda: client.get(
            f"{root}/reports/authenticationMethods/userRegistrationDetails?$top=50"
        ),
        "create a pass": lambda: client.post(passes, "{}", content_type="application/json"),
    }


def main() -> None:
    """Do what this module says."""
    organisation = Organisation(int(sys.argv[1]))
    settings.ROOT_URLCONF = "benchmarks.graph_asked"
    TapPolicy.objects.update_or_create(tenant=organisation.tenant, defaults={"is_enabled": True})
    asked = operations(organisation)
    say(database=version())
    for line in sys.stdin:
        name = line.strip()
        if name == "?":
            say(bounded=list(asked), unbounded=[])
            continue
        began, cpu = perf_counter(), process_time()
        answer = asked[name]()
        wall, spent = 1000 * (perf_counter() - began), 1000 * (process_time() - cpu)
        if answer.status_code >= 300:
            sys.exit(f"{name} answered {answer.status_code}: {answer.content!r}")
        say(wall=wall, cpu=spent, rows=_statements(asked[name]) if name != "create a pass" else "-")


def _statements(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return len(captured)


if __name__ == "__main__":
    main()
