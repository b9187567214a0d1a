"""What an access token is good for, and what is no access token."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.access import Refused, reach
from accounts.authority import Reason
from accounts.enums import Act, MethodKind, SessionEnd, Standing
from accounts.models import RoleAssignment
from accounts.sessions import revoke_all_of
from core import clock
from core.errors import NotFound
from oidc import jose, keys
from oidc.enums import Permission, TokenProblem
from oidc.jose import TokenRefused
from oidc.models import AccessToken
from oidc.tokens import Minted, bearer_of, graph_audience, issuer_of
from tests.conftest import SignIn
from tests.oidc.conftest import TokenOf, asking
from tests.oidc.flow import App, application_of, new_secret

WRITE = Permission.PASSES_READ_WRITE_ALL


def problem_of(text: str | None) -> TokenProblem | None:
    try:
        bearer_of(asking(text), graph_audience())
    except TokenRefused as refused:
        return refused.problem
    return None


def claims_of(minted: Minted) -> dict[str, Any]:
    return jwt.decode(minted.text, options={"verify_signature": False})


def test_it_says_who_sent_it(world: SimpleNamespace, token_of: TokenOf) -> None:
    """E04: typ, iss of the tenant, aud, jti; and the sign-in it was born of."""
    minted = token_of(world.amir, [Permission.USER_READ, WRITE])
    header, claims = jwt.get_unverified_header(minted.text), claims_of(minted)
    session = minted.row.session
    assert session
    assert (header["typ"], header["alg"]) == ("at+jwt", "RS256")
    assert claims | {"iat": 0, "nbf": 0, "exp": 0, "jti": ""} == {
        "iss": issuer_of(world.contoso.id),
        "aud": graph_audience(),
        "tid": str(world.contoso.id),
        "oid": str(world.amir.id),
        "sub": str(world.amir.id),
        "sid": str(session.id),
        "appid": minted.row.application.client_id,
        "azp": minted.row.application.client_id,
        "scp": "User.Read UserAuthMethod-TAP.ReadWrite.All",
        "idtyp": "user",
        "ver": "2.0",
        "amr": ["hwk", "user", "mfa"],
        "acr": "phr",
        "auth_time": int(session.authenticated_at.timestamp()),
        "iat": 0,
        "nbf": 0,
        "exp": 0,
        "jti": "",
    }
    bearer = bearer_of(asking(minted.text), graph_audience())
    assert (bearer.actor.user_id, bearer.session, bearer.is_app_only) == (world.amir.id, session, False)
    assert bearer.scopes == {"User.Read", "UserAuthMethod-TAP.ReadWrite.All"}
    assert (bearer.actor.address, bearer.actor.request_id) == ("192.0.2.7", "r1")


def test_it_keeps_no_token_text(world: SimpleNamespace, token_of: TokenOf) -> None:
    minted = token_of(world.amir)
    kept = AccessToken.objects.filter(pk=minted.row.pk).values().get()
    assert minted.text not in json.dumps(kept, default=str)
    assert minted.text.rsplit(".", 1)[1] not in json.dumps(kept, default=str)
    assert minted.text not in repr(minted)


@pytest.mark.parametrize(
    ("permissions", "act", "target", "reason"),
    [
        ([WRITE], Act.PASS_ISSUE, "tapuser", None),
        ([WRITE], Act.PASS_ISSUE, "priya", Reason.TARGET_IS_ADMIN),
        ([WRITE], Act.METHODS_DELETE, "tapuser", Reason.NO_PERMISSION),
        ([Permission.PASSES_READ_ALL], Act.PASS_ISSUE, "tapuser", Reason.NO_PERMISSION),
        ([Permission.METHODS_READ], Act.PASS_VIEW, "tapuser", Reason.NO_PERMISSION),
        ([Permission.POLICY_READ_WRITE_METHODS], Act.POLICY_CHANGE, "tapuser", Reason.NO_ROLE),
    ],
)
def test_a_person_has_roles_within_permissions(
    world: SimpleNamespace,
    token_of: TokenOf,
    permissions: list[Permission],
    act: Act,
    target: str,
    reason: Reason | None,
) -> None:
    """E08: permission ∧ role."""
    actor = bearer_of(asking(token_of(world.amir, permissions).text), graph_audience()).actor
    user = getattr(world, target)
    if reason is None:
        assert reach(actor, user.id, act).user == user
        return
    with pytest.raises(Refused) as refused:
        reach(actor, user.id, act)
    assert refused.value.reason is reason


def test_an_application_has_permissions_and_no_roles(world: SimpleNamespace, token_of: TokenOf) -> None:
    """E08: with UserAuthenticationMethod.ReadWrite.All it acts on administrators too, as in Graph; and nothing else."""
    minted = token_of(tenant=world.contoso, permissions=[Permission.METHODS_READ_WRITE_ALL])
    claims = claims_of(minted)
    assert (claims["idtyp"], claims["roles"]) == ("app", ["UserAuthenticationMethod.ReadWrite.All"])
    assert not {"scp", "sid", "amr"} & set(claims)
    bearer = bearer_of(asking(minted.text), graph_audience())
    assert (bearer.is_app_only, bearer.session, bearer.actor.user_id) == (True, None, None)
    for user in (world.tapuser, world.priya, world.grace):
        assert reach(bearer.actor, user.id, Act.PASS_ISSUE).standing in (Standing.MEMBER, Standing.ADMIN)
    for act in (Act.POLICY_CHANGE, Act.SESSIONS_REVOKE, Act.APPLICATIONS_MANAGE, Act.OWN_METHODS_CHANGE):
        with pytest.raises(Refused) as refused:
            reach(bearer.actor, world.tapuser.id, act)
        assert refused.value.reason is Reason.NO_PERMISSION


def test_an_application_changes_no_administrators_account(world: SimpleNamespace, token_of: TokenOf) -> None:
    """E08: User.ReadWrite.All by itself stops at administrators, as in Graph; a person's roles decide for a person."""
    minted = token_of(tenant=world.contoso, permissions=[Permission.USER_READ_WRITE_ALL])
    actor = bearer_of(asking(minted.text), graph_audience()).actor
    assert reach(actor, world.mia.id, Act.USERS_DISABLE).user == world.mia
    for act in (Act.USERS_UPDATE, Act.USERS_DISABLE, Act.USERS_DELETE, Act.SESSIONS_REVOKE):
        with pytest.raises(Refused):
            reach(actor, world.priya.id, act)
    spoken_for = token_of(world.grace, [Permission.USER_READ_WRITE_ALL, Permission.ROLES_READ_WRITE])
    actor = bearer_of(asking(spoken_for.text), graph_audience()).actor
    assert reach(actor, world.priya.id, Act.USERS_DISABLE).user == world.priya


def test_another_tenants_people_are_not_found(world: SimpleNamespace, token_of: TokenOf) -> None:
    """E09: for both kinds of token."""
    for minted in (
        token_of(world.zed, [Permission.METHODS_READ_WRITE_ALL]),
        token_of(tenant=world.fabrikam, permissions=[Permission.METHODS_READ_WRITE_ALL]),
    ):
        actor = bearer_of(asking(minted.text), graph_audience()).actor
        with pytest.raises(NotFound):
            reach(actor, world.tapuser.id, Act.PASS_VIEW)


@pytest.mark.parametrize(
    "end",
    [
        lambda world, minted: revoke_all_of(world.amir.id, SessionEnd.REVOKED, now=clock.now()),
        lambda world, minted: type(world.amir).objects.filter(pk=world.amir.pk).update(is_enabled=False),
        lambda world, minted: type(world.amir).everyone.filter(pk=world.amir.pk).update(deleted_at=clock.now()),
        lambda world, minted: type(world.contoso).objects.filter(pk=world.contoso.pk).update(is_enabled=False),
        lambda world, minted: type(minted.row.application).objects.update(is_enabled=False),
        lambda world, minted: type(minted.row.family).objects.update(revoked_at=clock.now()),
        lambda world, minted: minted.row.delete(),
    ],
    ids=[
        "sessions ended",
        "user disabled",
        "user deleted",
        "tenant disabled",
        "application disabled",
        "revoked",
        "row gone",
    ],
)
def test_it_ends_with_what_it_stands_on(
    world: SimpleNamespace, token_of: TokenOf, end: Callable[[SimpleNamespace, Minted], object]
) -> None:
    """B10: on the next use, with nothing running."""
    minted = token_of(world.amir)
    assert problem_of(minted.text) is None
    end(world, minted)
    assert problem_of(minted.text) is not None


def test_a_role_taken_away_counts_at_once(world: SimpleNamespace, token_of: TokenOf) -> None:
    """B10: the token does not carry roles."""
    minted = token_of(world.amir, [WRITE])
    RoleAssignment.objects.filter(user=world.amir).delete()
    actor = bearer_of(asking(minted.text), graph_audience()).actor
    with pytest.raises(Refused):
        reach(actor, world.tapuser.id, Act.PASS_ISSUE)


def test_it_ends_with_its_pass(
    world: SimpleNamespace, token_of: TokenOf, give_pass: Any, time_machine: TimeMachineFixture
) -> None:
    """B02, B03: exp is the pass's end at the latest, and deleting the pass ends the token on the next request."""
    issued = give_pass(world.tapuser).issued
    time_machine.move_to(clock.now() + timedelta(minutes=40))
    bound = {"method": MethodKind.TEMPORARY_ACCESS_PASS, "credential_id": issued.id, "ends_at": issued.ends_at}
    minted = token_of(world.tapuser, **bound)
    assert claims_of(minted)["exp"] == int(issued.ends_at.timestamp())
    assert (claims_of(minted)["amr"], claims_of(minted)["acr"]) == (["tap", "mfa"], "pass")
    assert problem_of(minted.text) is None
    give_pass(world.tapuser)
    assert problem_of(minted.text) is TokenProblem.SESSION_ENDED
    later = token_of(world.tapuser, **bound)
    time_machine.shift(timedelta(minutes=21))
    assert problem_of(later.text) is TokenProblem.EXPIRED


def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(claims: dict[str, Any], typ: str = "at+jwt") -> str:
    return jose.sign(claims, typ, now=clock.now())


WRONG: dict[str, tuple[Callable[[dict[str, Any]], str | None], TokenProblem]] = {
    "none at all": (lambda claims: None, TokenProblem.MISSING),
    "no token": (lambda claims: "abc", TokenProblem.MALFORMED),
    "an ID token": (lambda claims: signed(claims, "JWT"), TokenProblem.WRONG_TYPE),
    "a logout token": (lambda claims: signed(claims, "logout+jwt"), TokenProblem.WRONG_TYPE),
    "for another audience": (lambda claims: signed(claims | {"aud": "https://x.test"}), TokenProblem.WRONG_AUDIENCE),
    "for a client": (lambda claims: signed(claims | {"aud": claims["appid"]}), TokenProblem.WRONG_AUDIENCE),
    "for two audiences": (
        lambda claims: signed(claims | {"aud": [graph_audience(), "https://x.test"]}),
        TokenProblem.WRONG_AUDIENCE,
    ),
    "expired": (lambda claims: signed(claims | {"exp": claims["iat"] - 1}), TokenProblem.EXPIRED),
    "not yet valid": (lambda claims: signed(claims | {"nbf": claims["iat"] + 600}), TokenProblem.NOT_YET_VALID),
    "with odd times": (lambda claims: signed(claims | {"exp": "tomorrow"}), TokenProblem.MALFORMED),
    "signed here but never issued": (lambda claims: signed(claims | {"jti": "mine"}), TokenProblem.UNKNOWN),
    "signed by another": (
        lambda claims: jwt.encode(claims, other_key(), "RS256", headers={"typ": "at+jwt", "kid": "x"}),
        TokenProblem.WRONG_SIGNATURE,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_wrong_token_gives_nothing(world: SimpleNamespace, token_of: TokenOf, name: str) -> None:
    """E04: token confusion, each with its reason."""
    make, problem = WRONG[name]
    assert problem_of(make(claims_of(token_of(world.amir)))) is problem


def test_nothing_else_that_is_handed_out_is_an_access_token(world: SimpleNamespace, as_: SignIn) -> None:
    """E04: code, refresh token, ID token, device code, secret and the browser's cookie, at the API and at userinfo."""
    secret = new_secret()
    app = App(application_of(world.contoso, secret=secret), secret=secret, browser=as_(world.mia))
    code = app.code()
    tokens = app.redeem(code)
    device = App(application_of(world.contoso, name="TV")).start_device()
    cookie = app.browser.cookies[settings.SIGN_IN_COOKIE].value
    wrong = [
        code,
        tokens["refresh_token"],
        tokens["id_token"],
        device["device_code"],
        device["user_code"],
        secret,
        cookie,
    ]
    for text in wrong:
        assert problem_of(text) in (TokenProblem.MALFORMED, TokenProblem.WRONG_TYPE)
        for path in ("/graph/v1.0/me", "/oidc/userinfo"):
            assert Client().get(path, headers={"Authorization": f"Bearer {text}"}).status_code == 401
    good = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Client().get("/graph/v1.0/me", headers=good).status_code == 200
    assert app.browser.get("/graph/v1.0/me").status_code == 401, "a cookie by itself"


def test_a_token_of_another_tenant_gives_nothing_here(world: SimpleNamespace, token_of: TokenOf) -> None:
    """E04: its row says whose it is; a token whose issuer is not that tenant is refused."""
    minted = token_of(world.zed)
    assert bearer_of(asking(minted.text), graph_audience()).actor.tenant_id == world.fabrikam.id
    AccessToken.objects.filter(pk=minted.row.pk).update(application=token_of(world.amir).row.application)
    assert problem_of(minted.text) is TokenProblem.WRONG_ISSUER


def forged(minted: Minted, header: dict[str, Any], signature: str = "") -> str:
    parts = [json.dumps(header).encode(), base64.urlsafe_b64decode(minted.text.split(".")[1] + "==")]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), signature])


def public_pem() -> bytes:
    kid = keys.published(now=clock.now())[0]["kid"]
    return bytes(keys.verification_key(kid, now=clock.now()).export_to_pem())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "None",
        "HS256 with the public key",
        "ES256",
        "RS512",
        "PS256",
        "jwk",
        "jku",
        "x5u",
        "kid path",
        "no kid",
        "crit",
    ],
)
def test_a_forged_token_gives_nothing(world: SimpleNamespace, token_of: TokenOf, name: str) -> None:
    """E05: the header chooses neither the algorithm nor the key."""
    minted = token_of(world.amir)
    claims, kid, mine = claims_of(minted), jwt.get_unverified_header(minted.text)["kid"], other_key()
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(mine.public_key()))
    extra = {
        "jwk": {"jwk": public},
        "jku": {"jku": "https://evil.test/keys", "kid": "evil"},
        "x5u": {"x5u": "https://evil.test/chain"},
        "kid path": {"kid": "../../../../dev/null"},
        "no kid": {"kid": ""},
        "crit": {"crit": ["exp"]},
    }
    match name:
        case "none" | "None":
            text = forged(minted, {"alg": name, "typ": "at+jwt", "kid": kid})
        case "HS256 with the public key":
            head = forged(minted, {"alg": "HS256", "typ": "at+jwt", "kid": kid}).rstrip(".")
            mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head.encode(), public_pem())
            text = f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        case "ES256" | "RS512" | "PS256":
            key = ec.generate_private_key(ec.SECP256R1()) if name == "ES256" else mine
            text = jwt.encode(claims, key, name, headers={"typ": "at+jwt", "kid": kid})
        case _:
            text = jwt.encode(claims, mine, "RS256", headers={"typ": "at+jwt", "kid": kid} | extra[name])
    assert problem_of(text) in (TokenProblem.WRONG_SIGNATURE, TokenProblem.MALFORMED)
    assert problem_of(minted.text) is None


def test_keys_overlap(world: SimpleNamespace, token_of: TokenOf, time_machine: TimeMachineFixture) -> None:
    """E05: a new key signs at once, the earlier one verifies for a day more, and both are published meanwhile."""
    time_machine.move_to(clock.now())
    earlier = token_of(world.amir)
    old = jwt.get_unverified_header(earlier.text)["kid"]
    made = keys.rotate(now=clock.now())
    assert jwt.get_unverified_header(token_of(world.amir).text)["kid"] == made.kid != old
    assert problem_of(earlier.text) is None
    assert [key["kid"] for key in keys.published(now=clock.now())] == [made.kid, old]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(keys.published(now=clock.now())[0])
    time_machine.shift(keys.OVERLAP)
    assert [key["kid"] for key in keys.published(now=clock.now())] == [made.kid]
    assert problem_of(earlier.text) is TokenProblem.WRONG_SIGNATURE


def test_a_stolen_key_stops_at_once(world: SimpleNamespace, token_of: TokenOf) -> None:
    """E05: ``rotate_keys --at-once``."""
    earlier = token_of(world.amir)
    keys.rotate(now=clock.now(), at_once=True)
    assert problem_of(earlier.text) is TokenProblem.WRONG_SIGNATURE
    assert problem_of(token_of(world.amir).text) is None


def test_the_private_half_is_sealed(world: SimpleNamespace) -> None:
    kept = keys.rotate(now=clock.now())
    assert '"d"' not in kept.sealed_private + kept.public
