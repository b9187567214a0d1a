"""A new passkey proves its model, or is refused where the policy asks for proof."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from audit.enums import Event
from audit.models import AuditEvent
from authmethods import actions
from authmethods.attestation import Statement, attestation_problem
from authmethods.authenticators import REVOKING, UNLISTED, Authenticator, find_models, metadata, model_name
from authmethods.enums import AttestationProblem
from authmethods.models import Passkey, PasskeyPolicy
from core import clock
from core.errors import Invalid
from tests.attester import Attester, Maker, OfItself
from tests.authmethods.steps import begin, make_key, register
from tests.conftest import SignIn
from tests.softkey import Attesting, Changes

MODEL, OTHER = UUID("11111111-2222-4333-8444-555555555555"), UUID("99999999-2222-4333-8444-555555555555")
MAKER, STRANGER = Maker(), Maker()
NOW = datetime(2026, 6, 1, tzinfo=UTC)
KNOWN = Authenticator(MODEL, "Test key", (MAKER.root,), frozenset({"FIDO_CERTIFIED_L1"}))


def judge(
    certificate: bytes | None, *, known: Authenticator | None = KNOWN, aaguid: UUID = MODEL, form: str = "packed"
) -> AttestationProblem | None:
    statement = Statement(form, [certificate] if certificate else [])
    return attestation_problem(statement, aaguid=aaguid, known=known, now=NOW)


@pytest.mark.parametrize("says", [MODEL, None], ids=["names the model", "names none"])
def test_a_certificate_of_the_maker_is_good(says: UUID | None) -> None:
    """D05: the chain ends in a root the metadata gives for this model."""
    assert judge(Attester(MAKER, says).certificate) is None


def test_the_certificate_itself_may_be_the_root() -> None:
    """D05: makers may list the certificate of the model instead of one above it."""
    certificate = Attester(MAKER, MODEL).certificate
    assert judge(certificate, known=Authenticator(MODEL, "Test key", (certificate,))) is None


@pytest.mark.parametrize(
    ("certificate", "problem"),
    [
        (Attester(STRANGER, MODEL).certificate, AttestationProblem.UNTRUSTED),
        (Attester(MAKER, MODEL, days=30).certificate, AttestationProblem.UNTRUSTED),
        (Attester(MAKER, OTHER).certificate, AttestationProblem.OTHER_MODEL),
        (Attester(MAKER, MODEL, unit="Sales").certificate, AttestationProblem.CERTIFICATE_MALFORMED),
        (Attester(MAKER, MODEL, is_authority=True).certificate, AttestationProblem.CERTIFICATE_MALFORMED),
        (b"no certificate", AttestationProblem.CERTIFICATE_MALFORMED),
        (None, AttestationProblem.WITHOUT_CERTIFICATE),
    ],
    ids=["foreign root", "expired", "another model", "another unit", "an authority", "nonsense", "itself"],
)
def test_what_proves_nothing_is_refused(certificate: bytes | None, problem: AttestationProblem) -> None:
    """D05: self attestation, foreign root, expired certificate, the AAGUID of another model, a wrong form."""
    assert judge(certificate) is problem


def test_none_is_no_attestation() -> None:
    """D05: whatever comes with it."""
    assert judge(Attester(MAKER, MODEL).certificate, form="none") is AttestationProblem.MISSING


@pytest.mark.parametrize(
    "known",
    [None, Authenticator(OTHER, "Another", (MAKER.root,)), Authenticator(MODEL, "Without roots", ())],
    ids=["unknown", "another's entry", "no roots"],
)
def test_a_model_that_cannot_be_known_is_refused(known: Authenticator | None) -> None:
    """D05: no entry, another's entry, or one that trusts nobody."""
    assert judge(Attester(MAKER, MODEL).certificate, known=known) is not None


@pytest.mark.parametrize("status", sorted(REVOKING))
def test_a_revoked_model_is_refused(status: str) -> None:
    """D05: good chain or not, and though it was certified before."""
    known = Authenticator(MODEL, "Test key", (MAKER.root,), frozenset({"FIDO_CERTIFIED", status}))
    assert judge(Attester(MAKER, MODEL).certificate, known=known) is AttestationProblem.MODEL_REVOKED


def test_an_intermediate_is_followed_within_its_time_only() -> None:
    """D05: and a chain of any length is not."""
    certificate = Attester(MAKER, MODEL).certificate
    many = Statement("packed", [certificate, *[MAKER.root] * 50])
    assert attestation_problem(many, aaguid=MODEL, known=KNOWN, now=NOW) is AttestationProblem.UNTRUSTED


# --- the whole registration ----------------------------------------------------------------------------------------------


@pytest.fixture
def enforced(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    PasskeyPolicy.objects.create(tenant=world.contoso, is_attestation_enforced=True)
    monkeypatch.setattr(actions, "authenticator", {MODEL: KNOWN}.get)
    return world


def test_attestation_is_asked_for_only_where_it_counts(world: SimpleNamespace, as_: SignIn) -> None:
    """D05: otherwise a browser would warn people for nothing."""
    client = as_(world.tapuser)
    assert begin(client)["attestation"] == "none"
    PasskeyPolicy.objects.create(tenant=world.contoso, is_key_restricted=True)
    assert begin(client)["attestation"] == "direct"


def test_an_attested_key_is_registered(enforced: SimpleNamespace, as_: SignIn) -> None:
    """D05: and remembered as such."""
    passkey = register(as_(enforced.tapuser), make_key(), aaguid=MODEL.bytes, attested_by=Attester(MAKER, MODEL))
    assert (passkey.aaguid, passkey.is_attested) == (MODEL, True)
    assert AuditEvent.objects.get(event=Event.PASSKEY_REGISTERED).detail["attested"] is True


@pytest.mark.parametrize(
    ("attester", "reason"),
    [
        (None, "attestation_missing"),
        (OfItself(), "attestation_without_certificate"),
        (Attester(STRANGER, MODEL), "attestation_untrusted"),
    ],
    ids=["none", "self", "stranger"],
)
def test_any_other_key_is_not(enforced: SimpleNamespace, as_: SignIn, attester: Attesting | None, reason: str) -> None:
    """D05: the person is told what to do, the audit log why."""
    changes = Changes(aaguid=MODEL.bytes)
    if attester:
        changes["attested_by"] = attester
    with pytest.raises(Invalid, match=reason) as refused:
        register(as_(enforced.tapuser), make_key(), **changes)
    assert "doesn't prove which model it is" in str(refused.value.message)
    assert not Passkey.objects.exists()
    event = AuditEvent.objects.get(event=Event.PASSKEY_REFUSED)
    assert (event.reason, event.detail["aaguid"]) == (reason, str(MODEL))


def test_a_forged_statement_is_refused(enforced: SimpleNamespace, as_: SignIn) -> None:
    """D05: somebody else's certificate without its key."""

    class Thief(Attester):
        def attest(self, message: bytes, key: object) -> tuple[str, dict[str, object]]:
            form, proof = Attester(MAKER, MODEL).attest(message, key)  # type: ignore[arg-type]
            return form, proof | {"x5c": [self.certificate]}

    with pytest.raises(Invalid, match="registration_refused"):
        register(as_(enforced.tapuser), make_key(), aaguid=MODEL.bytes, attested_by=Thief(MAKER, MODEL))


# --- the packaged metadata -----------------------------------------------------------------------------------------------


def test_the_packaged_metadata_is_good_for_something() -> None:
    """D05: it loads, names common keys with their roots, and holds a revoked model, which is refused."""
    listed = metadata()
    assert len(listed.authenticators) > 300
    keys = [one for one in listed.authenticators.values() if one.name.startswith("YubiKey 5")]
    assert len(keys) > 10
    assert all(one.roots and not one.is_revoked for one in keys)
    revoked = [one for one in listed.authenticators.values() if one.is_revoked]
    assert revoked
    for one in revoked:
        statement = Statement("packed", [Attester(MAKER, one.aaguid).certificate])
        problem = attestation_problem(statement, aaguid=one.aaguid, known=one, now=clock.now())
        assert problem is AttestationProblem.MODEL_REVOKED


def test_a_stranger_is_no_maker_in_the_packaged_metadata() -> None:
    """D05: not even for a model whose name it knows."""
    known = find_models("yubikey 5 nfc", most=1)[0]
    assert judge(Attester(STRANGER, known.aaguid).certificate, known=known, aaguid=known.aaguid) is (
        AttestationProblem.UNTRUSTED
    )


def test_models_are_found_by_name_and_by_aaguid() -> None:
    assert model_name(UUID("2fc0579f-8113-47ea-b116-bb5a8db9202a")) == "YubiKey 5 Series with NFC"
    assert model_name(UUID("bada5566-a7aa-401f-bd96-45619a55120d")) == "1Password"
    assert model_name(UUID(int=0)) == model_name(OTHER) == ""
    assert [one.name for one in find_models("1PASS", most=5)] == ["1Password"]
    assert [str(one.aaguid)[:8] for one in find_models("2fc0579f", most=5)] == ["2fc0579f"]
    assert len(find_models("yubikey", most=5)) == 5
    assert find_models(" ", most=5) == []


def test_what_is_written_here_is_not_in_the_list() -> None:
    """Else there would be two names for one thing."""
    assert not UNLISTED.keys() & metadata().authenticators.keys()
