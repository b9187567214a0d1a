"""Who has registered what."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from authmethods.models import Passkey
from core import clock
from oidc.enums import Permission
from tap.actions import Issued
from tests.graph.conftest import ApiOf
from tests.graph.test_passes import listed

DETAILS = "/reports/authenticationMethods/userRegistrationDetails"


@pytest.fixture
def registered(world: SimpleNamespace, give_pass: Callable[..., Issued]) -> None:
    Passkey.objects.create(
        tenant=world.contoso,
        user=world.mia,
        credential_id=b"mia",
        public_key=b"",
        sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000",
        is_backup_eligible=True,
        is_backed_up=True,
        name="Key",
        created_at=clock.now(),
    )
    give_pass(world.gil)


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("isMfaRegistered eq true", {"mia"}),
        ("methodsRegistered/any(i:i eq 'fido2')", {"mia"}),
        ("methodsRegistered/any(i:i eq 'temporaryAccessPass')", {"gil"}),
        ("isAdmin eq true and startswith(userPrincipalName,'p')", {"paul", "priya"}),
        ("userType eq 'guest'", {"gil", "vera_fabrikam.com#EXT#"}),
        ("not(isPasswordlessCapable eq false)", {"mia"}),
        ("userPrincipalName eq 'nobody@contoso.com'", set()),
    ],
)
def test_people_are_found_by_what_they_have(
    world: SimpleNamespace, api: ApiOf, registered: None, monkeypatch: pytest.MonkeyPatch, filter_: str, found: set[str]
) -> None:
    monkeypatch.setattr("graph.registration.ENOUGH", 3)
    rows = listed(api(world.rosa), f"{DETAILS}?$top=2&$filter={filter_}")
    assert {one["userPrincipalName"].split("@")[0] for one in rows} == found
    assert len(rows) == len(found)


def test_everybody_once_and_one_alone(world: SimpleNamespace, api: ApiOf, registered: None) -> None:
    rosa = api(world.rosa, [Permission.REPORTS_READ_ALL])
    assert len({one["id"] for one in listed(rosa, f"{DETAILS}?$top=4")}) == 15
    mia = rosa.get(f"{DETAILS}/{world.mia.id}").json()
    assert (mia["isMfaCapable"], mia["methodsRegistered"]) == (True, ["fido2", "passKeySynced"])
    assert api(world.amir).get(DETAILS).status_code == 403, "he may not see administrators' methods"
    assert rosa.get(f"{DETAILS}?$filter=id/any(x:x eq 'a')").status_code == 400
