"""App registrations in the admin center: what a Global Administrator does there, and what nobody else may."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from oidc.enums import Permission, PermissionKind, TokenProblem
from oidc.models import Application, ApplicationPermission, ClientSecret, UserConsent
from tests.conftest import SignIn
from tests.oidc.flow import REDIRECT, App, application_of
from tests.oidc.test_bearer import problem_of

LIST = reverse("oidc:registrations")


def at(name: str, application: Application, *more: object) -> str:
    return reverse(f"oidc:{name}", args=[application.id, *more])


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


def test_from_registering_to_a_token(world: SimpleNamespace, grace: Client) -> None:
    """Register, secret, permission, consent: then the application signs in by itself. Every step is recorded."""
    new = {"name": "Payroll <b>", "kind": "confidential", "redirect_uris": REDIRECT}
    arrived = grace.post(reverse("oidc:new_registration"), new, follow=True)
    application = Application.objects.get()
    assert (application.tenant, application.redirect_uris) == (world.contoso, REDIRECT)
    assert b"Payroll &lt;b&gt;" in arrived.content
    assert f"/{world.contoso.id}/oauth2/v2.0/token".encode() in arrived.content
    shown: Any = grace.post(at("new_secret", application), {"name": "CI", "days": "30"})
    text = shown.context["made"].text
    assert text.encode() in shown.content
    assert shown["Cache-Control"].startswith("max-age=0") or "no-store" in shown["Cache-Control"]
    assert text.encode() not in grace.get(at("registration_secrets", application)).content
    assert text not in str(ClientSecret.objects.values().get()) + str(list(AuditEvent.objects.values()))
    wanted = f"application:{Permission.METHODS_READ_ALL}"
    grace.post(at("add_permission", application), {"permission": wanted})
    app = App(application, secret=text)
    assert app.token(grant_type="client_credentials", scope=".default")["error"] == "invalid_scope"
    assert b"UserAuthenticationMethod.Read.All" in grace.get(at("give_consent", application)).content
    page = grace.post(at("give_consent", application), follow=True)
    assert b"grace@contoso.com" in page.content
    tokens = app.token(grant_type="client_credentials", scope=".default")
    assert tokens["status"] == 200
    recorded = set(AuditEvent.objects.filter(target_id=application.id).values_list("event", flat=True))
    assert recorded >= {
        Event.APPLICATION_REGISTERED,
        Event.SECRET_ADDED,
        Event.PERMISSIONS_CHANGED,
        Event.CONSENT_GRANTED,
    }
    asked = ApplicationPermission.objects.get()
    grace.post(at("remove_permission", application, asked.id))
    assert problem_of(tokens["access_token"]) is TokenProblem.REVOKED
    grace.post(at("delete_secret", application, ClientSecret.objects.get().id))
    assert app.token(grant_type="client_credentials", scope=".default")["error"] == "invalid_client"


def test_a_secret_ends(world: SimpleNamespace, grace: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now())
    application = application_of(world.contoso, secret="x" * 40, given=(Permission.METHODS_READ_ALL,))
    app = App(application, secret="x" * 40)
    assert app.token(grant_type="client_credentials", scope=".default")["status"] == 200
    time_machine.shift(timedelta(days=366))
    assert app.token(grant_type="client_credentials", scope=".default")["error"] == "invalid_client"


def test_disabling_and_deleting(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    """B10: on the next use; a link alone does nothing."""
    app = App(application_of(world.contoso), browser=as_(world.mia))
    tokens = app.redeem(app.code())
    for name in ("disable_registration", "delete_registration"):
        assert b'role="dialog"' in grace.get(at(name, app.registration)).content
    assert problem_of(tokens["access_token"]) is None
    grace.post(at("disable_registration", app.registration))
    assert problem_of(tokens["access_token"]) is TokenProblem.APPLICATION_DISABLED
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_client"
    assert app.authorize().status_code == 400
    grace.post(at("disable_registration", app.registration))
    assert problem_of(tokens["access_token"]) is None
    grace.post(at("delete_registration", app.registration))
    assert problem_of(tokens["access_token"]) is TokenProblem.UNKNOWN
    assert not Application.objects.exists()
    assert AuditEvent.objects.filter(event=Event.APPLICATION_DELETED).count() == 1


def test_withdrawing_what_people_agreed_to(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    app = App(application_of(world.contoso), browser=as_(world.mia))
    tokens = app.redeem(app.code())
    assert b"Mia Fontaine" in grace.get(at("registration_permissions", app.registration)).content
    grace.post(at("withdraw_consents", app.registration))
    assert problem_of(tokens["access_token"]) is TokenProblem.REVOKED
    assert not UserConsent.objects.exists()
    assert b"Allow Payroll?" in app.authorize().content


def test_addresses(world: SimpleNamespace, grace: Client) -> None:
    """E01: what may not be registered is said beside the field, and nothing is lost."""
    application = application_of(world.contoso)
    address = at("registration_addresses", application)
    refused = grace.post(address, {"redirect_uris": f"{REDIRECT}\nhttps://*.example.com/cb"})
    assert b"https://*.example.com/cb" in refused.content
    assert b"can&#x27;t be used" in refused.content
    grace.post(address, {"redirect_uris": f"{REDIRECT}\r\nhttp://localhost", "allows_device_code": "on"})
    application.refresh_from_db()
    assert application.redirect_uris == f"{REDIRECT} http://localhost"
    changed = AuditEvent.objects.get(event=Event.APPLICATION_CHANGED)
    assert changed.detail["redirect_uris"]["old"] == REDIRECT


PAGES = [
    ("registration", "read"),
    ("registration_addresses", "read"),
    ("registration_secrets", "read"),
    ("registration_permissions", "read"),
    ("new_secret", "write"),
    ("add_permission", "write"),
    ("give_consent", "write"),
    ("withdraw_consents", "write"),
    ("disable_registration", "write"),
    ("delete_registration", "write"),
]


@pytest.mark.parametrize(("who", "may"), [("rosa", "read"), ("priya", ""), ("amir", ""), ("paul", ""), ("mia", "")])
def test_who_may(world: SimpleNamespace, as_: SignIn, who: str, may: str) -> None:
    """A Global Reader sees; a Global Administrator changes; nobody else gets in, by GET or POST."""
    application, browser = application_of(world.contoso, secret="x" * 40), as_(getattr(world, who))
    assert browser.get(LIST).status_code == (200 if may else 403)
    for name, need in PAGES:
        assert browser.get(at(name, application)).status_code == (200 if may == need else 403), name
    for name in [name for name, _ in PAGES if name != "registration"]:
        answer = browser.post(at(name, application), {"days": "30", "permission": "delegated:User.Read"})
        assert answer.status_code in (403, 405), name
    application.refresh_from_db()
    assert application.is_enabled
    assert ClientSecret.objects.count() == 1


def test_another_tenants_application_is_not_found(world: SimpleNamespace, as_: SignIn) -> None:
    """E09: as absent, by GET and POST."""
    application, browser = application_of(world.contoso, secret="x" * 40), as_(world.zed)
    assert b"Payroll" not in browser.get(LIST).content
    for name, need in PAGES:
        assert browser.get(at(name, application)).status_code == 404, name
        if need == "write":
            assert browser.post(at(name, application), {"days": "30"}).status_code == 404, name


def test_a_page_asks_the_database_little(
    world: SimpleNamespace, grace: Client, django_assert_max_num_queries: Any
) -> None:
    """At most eight queries, however much there is."""
    application = application_of(world.contoso, secret="x" * 40)
    for number in range(60):
        application_of(world.contoso, name=f"App {number:02}")
    for one in Permission:
        ApplicationPermission.objects.create(application=application, kind=PermissionKind.DELEGATED, name=one)
    for address in [LIST, *(at(name, application) for name, _ in PAGES)]:
        with django_assert_max_num_queries(8):
            assert grace.get(address).status_code == 200
    assert b"page=" in grace.get(LIST).content


def test_what_a_public_application_cannot(world: SimpleNamespace, grace: Client) -> None:
    application = application_of(world.contoso)
    assert b"can keep no secret" in grace.post(at("new_secret", application), {"days": "30"}).content
    odd = grace.post(at("add_permission", application), {"permission": "application:openid"})
    assert b"Choose a permission." in odd.content
    assert b"Choose how long." in grace.post(at("new_secret", application), {"days": "9999"}).content
    assert b"Enter a name." in grace.post(reverse("oidc:new_registration"), {"name": " "}).content
