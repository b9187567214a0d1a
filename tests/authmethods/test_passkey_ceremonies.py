"""Registering a passkey and signing in with it, with keys that sign truly and say what they should not."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from accounts.enums import MethodKind
from accounts.models import SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from authmethods import actions
from authmethods.models import Passkey
from core import clock
from core.errors import Conflict, Invalid, NotUsable
from tests.authmethods.steps import BROWSER, NOBODY, answer, begin, finish, hand_in, make_key, register, sign_in
from tests.conftest import SignIn
from tests.softkey import EDDSA, ES256, ES384, RS256, Changes, decode

LIES: dict[str, tuple[Changes, str]] = {
    "another origin": ({"origin": "https://evil.example"}, "refused"),
    "another port": ({"origin": "http://localhost:8001"}, "refused"),
    "another scheme": ({"origin": "https://localhost:8000"}, "refused"),
    "a name below ours": ({"origin": "http://sub.localhost:8000"}, "refused"),
    "another type": ({"type": "payment.get"}, "refused"),
    "another challenge": ({"challenge": b"sixteen or more bytes of nobody's"}, "challenge"),
    "an empty challenge": ({"challenge": b""}, "challenge"),
    "in a frame of another site": ({"cross_origin": True}, "cross_origin"),
    "in a frame, with the top named": (
        {"cross_origin": True, "top_origin": "https://evil.example"},
        "cross_origin",
    ),
    "a top origin though not in a frame": ({"top_origin": "http://localhost:8000"}, "cross_origin"),
    "for another host": ({"rp_id": "evil.example"}, "refused"),
    "nobody there": ({"up": False}, "refused"),
    "owner not verified": ({"uv": False}, "refused"),
    "backed up though not eligible": ({"be": False, "bs": True}, "refused"),
}
every_lie = pytest.mark.parametrize(("lie", "code"), LIES.values(), ids=LIES.keys())


def last_refusal() -> str:
    return (
        AuditEvent.objects.filter(event__in=(Event.PASSKEY_REFUSED, Event.PASSKEY_NOT_REGISTERED)).latest("id").reason
    )


# --- D01: challenges ------------------------------------------------------------------------------------------------


def test_a_challenge_is_long_and_new_each_time(world: SimpleNamespace, as_: SignIn) -> None:
    """D01: at least 16 random bytes."""
    client = as_(world.tapuser)
    made = [decode(begin(client)["challenge"]) for _ in range(5)]
    made += [decode(actions.begin_sign_in(browser=BROWSER)["challenge"]) for _ in range(5)]
    assert min(len(one) for one in made) >= 16
    assert len(set(made)) == 10


def test_a_registration_cannot_be_replayed(world: SimpleNamespace, as_: SignIn) -> None:
    """D01: the same answer a second time is refused, even after the passkey is gone."""
    client, key = as_(world.tapuser), make_key()
    credential = key.register(begin(client))
    finish(client, credential).delete()
    with pytest.raises(Invalid, match="challenge"):
        finish(client, credential)
    assert not Passkey.objects.exists()


def test_a_sign_in_cannot_be_replayed(world: SimpleNamespace, as_: SignIn) -> None:
    """D01: not even with a key that counts nothing, where the counter would not tell."""
    key = make_key(counts=False)
    register(as_(world.tapuser), key)
    credential = answer(key, world.tapuser)
    hand_in(credential)
    with pytest.raises(NotUsable, match="challenge"):
        hand_in(credential)


def test_two_answers_to_one_challenge_make_one_passkey(world: SimpleNamespace, as_: SignIn) -> None:
    """D01: the second key that answers is refused."""
    client = as_(world.tapuser)
    options = begin(client)
    first, second = make_key(), make_key()
    finish(client, first.register(options))
    with pytest.raises(Invalid, match="challenge"):
        finish(client, second.register(options))
    assert [bytes(one.credential_id) for one in Passkey.objects.all()] == [first.credential_id]


def test_a_refused_answer_spends_its_challenge(world: SimpleNamespace, as_: SignIn) -> None:
    """D01: nobody may try one challenge until an answer fits."""
    client, key = as_(world.tapuser), make_key()
    options = begin(client)
    with pytest.raises(Invalid, match="registration_refused"):
        finish(client, key.register(options, uv=False))
    with pytest.raises(Invalid, match="challenge"):
        finish(client, key.register(options))
    assert register(client, key).user_id == world.tapuser.id


@pytest.mark.parametrize("whose", ["another session of his", "another user's", "a sign-in's"])
def test_a_registration_needs_its_own_challenge(world: SimpleNamespace, as_: SignIn, whose: str) -> None:
    """D01: bound to the session and the purpose."""
    client = as_(world.tapuser)
    options = {
        "another session of his": lambda: begin(as_(world.tapuser)),
        "another user's": lambda: begin(as_(world.mia)),
        "a sign-in's": lambda: actions.begin_sign_in(browser=""),
    }[whose]()
    with pytest.raises(Invalid, match="challenge"):
        finish(client, make_key().register(options))
    assert not Passkey.objects.exists()


def test_a_sign_in_needs_its_own_challenge(world: SimpleNamespace, as_: SignIn) -> None:
    """D01: bound to the browser and the purpose."""
    client, key = as_(world.tapuser), make_key()
    register(client, key)
    with pytest.raises(NotUsable, match="challenge"):
        hand_in(answer(key, world.tapuser), browser="another browser")
    for browser in ("", BROWSER):
        registration = key.sign(begin(client), bytes(world.tapuser.webauthn_handle))
        with pytest.raises(NotUsable, match="challenge"):
            hand_in(registration, browser=browser)


@pytest.mark.parametrize(("seconds", "is_good"), [(299, True), (300, False), (600, False)])
def test_a_challenge_lives_five_minutes(world: SimpleNamespace, as_: SignIn, seconds: int, is_good: bool) -> None:
    """D01: for both purposes."""
    start = clock.now()
    with time_machine.travel(start, tick=False) as moment:
        key, late = make_key(), make_key()
        register(as_(world.mia), key)
        signed = answer(key, world.mia)
        client = as_(world.tapuser)
        made = late.register(begin(client))
        moment.move_to(start + timedelta(seconds=seconds))
        if is_good:
            assert hand_in(signed).user_id == world.mia.id
            assert finish(client, made).user_id == world.tapuser.id
        else:
            with pytest.raises(NotUsable, match="challenge"):
                hand_in(signed)
            with pytest.raises(Invalid, match="challenge"):
                finish(client, made)


# --- D02: what the browser and the key must say ----------------------------------------------------------------------


def test_a_true_answer_is_taken(world: SimpleNamespace, as_: SignIn) -> None:
    """D02: the answer that the others differ from in one field."""
    key = make_key()
    passkey = register(as_(world.tapuser), key)
    assert (bytes(passkey.credential_id), passkey.transports) == (key.credential_id, ["internal"])
    session = sign_in(key, world.tapuser)
    assert (session.user_id, session.method, session.credential_id) == (
        world.tapuser.id,
        MethodKind.FIDO2,
        passkey.id,
    )


@every_lie
def test_a_registration_that_says_otherwise_is_refused(
    world: SimpleNamespace, as_: SignIn, lie: Changes, code: str
) -> None:
    """D02: origin, type, challenge, frames, host, presence, verification."""
    with pytest.raises(Invalid):
        register(as_(world.tapuser), make_key(), **lie)
    assert last_refusal() == ("registration_refused" if code == "refused" else code)
    assert not Passkey.objects.exists()


@every_lie
def test_a_signature_that_says_otherwise_is_refused(
    world: SimpleNamespace, as_: SignIn, lie: Changes, code: str
) -> None:
    """D02: the same, each signed truly by the right key."""
    key = make_key()
    passkey = register(as_(world.tapuser), key)
    with pytest.raises(NotUsable):
        sign_in(key, world.tapuser, **lie)
    assert last_refusal() == ("assertion_refused" if code == "refused" else code)
    assert not SignInSession.objects.filter(credential_id=passkey.id).exists()
    assert Passkey.objects.get().sign_count == 0


def test_one_ceremony_does_not_pass_for_the_other(world: SimpleNamespace, as_: SignIn) -> None:
    """D02: the type tells creating from getting."""
    client, key = as_(world.tapuser), make_key()
    with pytest.raises(Invalid):
        register(client, key, type="webauthn.get")
    register(client, key)
    with pytest.raises(NotUsable):
        sign_in(key, world.tapuser, type="webauthn.create")


def test_another_keys_signature_is_refused(world: SimpleNamespace, as_: SignIn) -> None:
    """D02: everything is right but the signature."""
    key = make_key()
    register(as_(world.tapuser), key)
    with pytest.raises(NotUsable, match="assertion_refused"):
        sign_in(key, world.tapuser, is_forged=True)


@pytest.mark.parametrize(
    "nonsense",
    [None, 7, [], {}, {"rawId": 7, "response": []}, {"response": {"clientDataJSON": "bnVsbA"}}, {"response": None}],
    ids=repr,
)
def test_nonsense_is_refused(world: SimpleNamespace, as_: SignIn, nonsense: object) -> None:
    with pytest.raises(Invalid, match="malformed"):
        finish(as_(world.tapuser), nonsense)
    with pytest.raises(NotUsable, match="malformed"):
        hand_in(nonsense)


# --- D03: credentials -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", ["tapuser", "mia", "zed"])
def test_a_credential_belongs_to_one_person(world: SimpleNamespace, as_: SignIn, second: str) -> None:
    """D03: its id is unique over all users of all tenants."""
    key = make_key()
    register(as_(world.tapuser), key)
    other: User = getattr(world, second)
    with pytest.raises(Conflict, match="passkey_known"):
        register(as_(other), make_key(credential_id=key.credential_id))
    assert [one.user_id for one in Passkey.objects.all()] == [world.tapuser.id]


@pytest.mark.parametrize(("length", "is_good"), [(1023, True), (1024, False)])
def test_a_credential_id_has_a_greatest_length(world: SimpleNamespace, as_: SignIn, length: int, is_good: bool) -> None:
    """D03: 1023 bytes."""
    client, key = as_(world.tapuser), make_key(credential_id=bytes([7]) * length)
    if is_good:
        assert len(register(client, key).credential_id) == 1023
        assert sign_in(key, world.tapuser).user_id == world.tapuser.id
    else:
        with pytest.raises(Invalid, match="credential_id_length"):
            register(client, key)


def test_the_id_said_is_the_id_attested(world: SimpleNamespace, as_: SignIn) -> None:
    """D03: nobody takes the id of a credential he has not got."""
    with pytest.raises(Invalid, match=r"^credential_id$"):
        register(as_(world.tapuser), make_key(), raw_id=b"an id of somebody else's passkey")
    assert not Passkey.objects.exists()


def test_what_one_has_is_excluded(world: SimpleNamespace, as_: SignIn) -> None:
    """D03: so that no key registers twice; only one's own are named."""
    client, keys = as_(world.tapuser), [make_key(), make_key()]
    register(as_(world.mia), make_key())
    assert begin(client)["excludeCredentials"] == []
    for key in keys:
        register(client, key)
    excluded = begin(client)["excludeCredentials"]
    assert [decode(one["id"]) for one in excluded] == [key.credential_id for key in keys]


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
def test_an_algorithm_on_offer_works(world: SimpleNamespace, as_: SignIn, alg: int) -> None:
    """D03: each that the options name."""
    client, key = as_(world.tapuser), make_key(alg=alg)
    assert alg in [one["alg"] for one in begin(client)["pubKeyCredParams"]]
    register(client, key)
    assert sign_in(key, world.tapuser).user_id == world.tapuser.id


def test_an_algorithm_outside_the_offer_is_refused(world: SimpleNamespace, as_: SignIn) -> None:
    """D03: whatever the key would like."""
    client = as_(world.tapuser)
    assert ES384 not in [one["alg"] for one in begin(client)["pubKeyCredParams"]]
    with pytest.raises(Invalid, match="registration_refused"):
        register(client, make_key(alg=ES384))


# --- D04: what changes with each signature ----------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "is_good"), [(6, True), (1000, True), (5, False), (4, False), (0, False)])
def test_the_counter_must_grow(world: SimpleNamespace, as_: SignIn, count: int, is_good: bool) -> None:
    """D04: one that does not may be a copy of the key."""
    key = make_key()
    register(as_(world.tapuser), key, sign_count=5)
    if is_good:
        sign_in(key, world.tapuser, sign_count=count)
    else:
        with pytest.raises(NotUsable, match="sign_count"):
            sign_in(key, world.tapuser, sign_count=count)
    assert Passkey.objects.get().sign_count == (count if is_good else 5)


def test_a_key_that_counts_nothing_is_good(world: SimpleNamespace, as_: SignIn) -> None:
    """D04: zero after zero says nothing."""
    key = make_key(counts=False)
    register(as_(world.tapuser), key)
    for _ in range(2):
        assert sign_in(key, world.tapuser).user_id == world.tapuser.id


def test_a_counter_is_claimed_once(world: SimpleNamespace, as_: SignIn) -> None:
    """D04: of two signatures checked at the same moment, one signs in."""
    key = make_key()
    register(as_(world.tapuser), key)
    both = [actions.verify_passkey(NOBODY, credential=answer(key, world.tapuser), browser=BROWSER) for _ in range(2)]
    actions.claim_passkey(NOBODY, verified=both[1])
    with pytest.raises(NotUsable, match="passkey_changed"):
        actions.claim_passkey(NOBODY, verified=both[0])
    assert Passkey.objects.get().sign_count == 2


@pytest.mark.parametrize("was", [True, False])
def test_backup_eligibility_never_changes(world: SimpleNamespace, as_: SignIn, was: bool) -> None:
    """D04: a credential is made to be synced or not."""
    key = make_key()
    assert register(as_(world.tapuser), key, be=was).is_backup_eligible is was
    with pytest.raises(NotUsable, match="backup_eligibility"):
        sign_in(key, world.tapuser, be=not was)
    assert sign_in(key, world.tapuser, be=was).user_id == world.tapuser.id


def test_the_backup_state_is_kept_each_time(world: SimpleNamespace, as_: SignIn) -> None:
    """D04: as the last signature said."""
    key = make_key()
    assert register(as_(world.tapuser), key, be=True).is_backed_up is False
    for state in (True, False, True):
        sign_in(key, world.tapuser, be=True, bs=state)
        assert Passkey.objects.get().is_backed_up is state


# --- D06: who it is --------------------------------------------------------------------------------------------------


def test_the_handle_is_random(world: SimpleNamespace, as_: SignIn) -> None:
    """D06: at least 16 bytes that tell nothing of the person, and the same each time."""
    handles = {}
    for user in (world.tapuser, world.mia, world.zed):
        told = [decode(begin(as_(user))["user"]["id"]) for _ in range(2)]
        assert told[0] == told[1]
        assert 16 <= len(told[0]) <= 64
        for secret in (user.upn, user.display_name, user.mail, str(user.id), user.id.hex):
            assert secret.encode() not in told[0]
        assert user.id.bytes not in told[0]
        handles[told[0]] = user
    assert len(handles) == 3


@pytest.mark.parametrize("named", ["", "tapuser@contoso.com"])
@pytest.mark.parametrize(
    "wrong", [lambda world: bytes(world.mia.webauthn_handle), lambda world: b"tapuser@contoso.com"], ids=["his", "upn"]
)
def test_another_handle_is_refused(
    world: SimpleNamespace, as_: SignIn, wrong: Callable[[SimpleNamespace], bytes], named: str
) -> None:
    """D06: whether a user name was typed or not."""
    key = make_key()
    register(as_(world.tapuser), key)
    signed = key.sign(actions.begin_sign_in(browser=BROWSER), wrong(world))
    with pytest.raises(NotUsable, match="user_handle"):
        hand_in(signed, upn=named)


def test_without_a_user_name_there_must_be_a_handle(world: SimpleNamespace, as_: SignIn) -> None:
    """D06: who is not named otherwise is named by the key (WebAuthn L3 §7.2 step 6)."""
    key = make_key()
    register(as_(world.tapuser), key)
    with pytest.raises(NotUsable, match="user_handle"):
        hand_in(key.sign(actions.begin_sign_in(browser=BROWSER), None))
    named = hand_in(key.sign(actions.begin_sign_in(browser=BROWSER), None), upn="tapuser@contoso.com")
    assert named.user_id == world.tapuser.id


def test_a_key_finds_its_person(world: SimpleNamespace, as_: SignIn) -> None:
    """D06: without a user name, and nobody else."""
    keys = {user.id: make_key() for user in (world.tapuser, world.mia, world.zed)}
    for user in (world.tapuser, world.mia, world.zed):
        register(as_(user), keys[user.id])
    for user in (world.tapuser, world.mia, world.zed):
        assert sign_in(keys[user.id], user).user_id == user.id


def test_a_typed_name_must_be_the_keys(world: SimpleNamespace, as_: SignIn) -> None:
    """D06: in any case of letters; another user's is refused."""
    key = make_key()
    register(as_(world.tapuser), key)
    assert hand_in(answer(key, world.tapuser), upn="TapUser@CONTOSO.com").user_id == world.tapuser.id
    for other in ("mia@contoso.com", "zed@fabrikam.com", "nobody@contoso.com"):
        with pytest.raises(NotUsable, match="other_user"):
            hand_in(answer(key, world.tapuser), upn=other)
