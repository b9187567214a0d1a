"""Two people at one form: each changes what he changed, and nothing that was typed is lost."""

from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Group, Tenant, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tests.conftest import SignIn
from tests.directory.people import give
from tests.plain_browser import Form, PlainPage


def form_of(client: Client, address: str, button: str) -> Form:
    page = PlainPage(client.get(address))  # type: ignore[arg-type]
    return next(form for form in page.forms if button in form.buttons)


def send(client: Client, address: str, form: Form, **typed: str) -> None:
    answer = client.post(address.partition("?")[0], form.sent("Save", dict(typed)))
    assert answer.status_code == 302, answer.content.decode()


@pytest.fixture
def two(world: SimpleNamespace, as_: SignIn) -> tuple[Client, Client]:
    give(world.priya, Role.GLOBAL_ADMINISTRATOR)
    return as_(world.grace), as_(world.priya)


@pytest.mark.parametrize(
    ("of", "first", "second"),
    [
        ("user", {"upn": "m.fontaine@contoso.com"}, {"mail": "", "language": "de"}),
        ("group", {"name": "Newcomers"}, {"description": "Since “June”"}),
        ("tenant", {"issuer_strength": "lasting_method", "name": "Contoso AG"}, {"admin_fresh_minutes": "30"}),
    ],
)
def test_what_another_saved_meanwhile_stays(
    world: SimpleNamespace, two: tuple[Client, Client], of: str, first: dict[str, str], second: dict[str, str]
) -> None:
    group = world.groups["New hires"]
    stored, address = {
        "user": (User.objects.filter(pk=world.mia.pk), reverse("directory:edit_user", args=[world.mia.pk])),
        "group": (Group.objects.filter(pk=group.pk), reverse("directory:edit_group", args=[group.pk])),
        "tenant": (Tenant.objects.filter(pk=world.contoso.pk), reverse("directory:settings")),
    }[of]
    forms = [form_of(client, address, "Save") for client in two]
    before = stored.values().get()
    send(two[0], address, forms[0], **first)
    send(two[1], address, forms[1], **second)
    after = stored.values().get()
    changed = {name: str(value) for name, value in after.items() if value != before[name]}
    assert {name: value for name, value in changed.items() if not name.endswith("_key")} == first | second


def test_who_changes_nothing_records_nothing(world: SimpleNamespace, two: tuple[Client, Client]) -> None:
    User.objects.filter(pk=world.mia.pk).update(time_zone="Etc/GMT+5")  # it is offered to nobody new
    address = reverse("directory:edit_user", args=[world.mia.pk])
    send(two[0], address, form_of(two[0], address, "Save"))
    assert not AuditEvent.objects.filter(event=Event.USER_UPDATED).exists()


@pytest.mark.parametrize("of", ["user", "tenant"])
def test_who_has_to_confirm_first_finds_what_he_typed(world: SimpleNamespace, as_: SignIn, of: str) -> None:
    grace = as_(world.grace)
    address, changes = {
        "user": (reverse("directory:edit_user", args=[world.mia.pk]), {"mail": "", "display_name": "Mia Moreau"}),
        "tenant": (reverse("directory:settings"), {"service_desk": "", "name": "Contoso AG"}),
    }[of]
    form = form_of(grace, address, "Save")
    with time_machine.travel(clock.now() + timedelta(minutes=59), tick=False) as traveller:
        grace.get(address)
        traveller.shift(timedelta(minutes=2))
        answer = grace.post(address, form.sent("Save", dict(changes)))
        assert answer.status_code == 403
    page = answer.content.decode()
    assert "Confirm, then come back to this form" in page
    back = unquote(page.partition("?next=")[2].partition('"')[0])
    assert parse_qs(urlsplit(back).query, keep_blank_values=True) == {name: [value] for name, value in changes.items()}
    User.objects.filter(pk=world.mia.pk).update(language="de")
    send(grace, back, form_of(grace, back, "Save"))
    mia = User.objects.get(pk=world.mia.pk)
    stored = mia if of == "user" else Tenant.objects.get(pk=world.contoso.pk)
    assert {name: getattr(stored, name) for name in changes} == changes
    assert mia.language == "de"
