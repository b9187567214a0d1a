"""What happens to passkeys: registered, renamed, removed and used. Passwords: ``authmethods.passwords``."""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.access import Reached, hold_sign_in, require
from accounts.authority import Actor, SessionFacts
from accounts.enums import Act, MethodKind, SessionEnd, Standing
from accounts.models import User
from audit.actions import Detail, record
from audit.enums import Event, Outcome
from authmethods import passkeys, rules, telling, wording
from authmethods.attestation import attestation_problem
from authmethods.authenticators import authenticator, model_name
from authmethods.catalogue import others_left, passkeys_of
from authmethods.enums import PasskeyBlock, Purpose
from authmethods.models import Ceremony, Passkey
from authmethods.passkeys import PasskeyRejected, RelyingParty
from authmethods.policy import Ruling, policy_in, ruling_of
from core import clock
from core.errors import Conflict, Denied, Invalid, NotFound, NotUsable
from core.http import public_host
from core.text import fold_upn
from notices.links import LIFE
from tap import actions as tap

CHALLENGE_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class VerifiedPasskey:
    """A passkey that signed; ``claim_passkey`` decides."""

    user: User
    passkey: Passkey
    assertion: passkeys.Assertion


def relying_party() -> RelyingParty:
    """Return whom passkeys are for: the one public address of this installation."""
    return RelyingParty(id=public_host(), name="Gatepass", origin=settings.PUBLIC_URL)


def begin_registration(actor: Actor, *, user: User) -> passkeys.Json:
    """Open a registration in the actor's session and return the browser's options.

    Raises ConfirmationNeeded, Refused, Denied (by the policy).
    """
    ruling = _require_registration(actor, user)
    challenge = token_bytes(32)
    with transaction.atomic():
        Ceremony.objects.create(
            purpose=Purpose.REGISTER,
            challenge=challenge,
            user=user,
            session_id=actor.session_id,
            expires_at=clock.now() + CHALLENGE_LIFE,
        )
        record(Event.PASSKEY_STARTED, actor=actor, target=user)
    owner = passkeys.Owner(bytes(user.webauthn_handle), user.upn, user.display_name)
    exclude = [bytes(one.credential_id) for one in passkeys_of(user.id)]
    return passkeys.creation_options(
        relying_party(), owner, challenge=challenge, exclude=exclude, asks_for_model=ruling.asks_for_model
    )


def finish_registration(actor: Actor, *, user: User, credential: object, name: str = "") -> Passkey:
    """Check the browser's answer and keep the passkey. A refused answer spends its challenge; begin again.

    Raises ConfirmationNeeded, Refused (the ten minutes of a one-time pass are over), Denied (by the policy), Invalid.
    """
    ruling = _require_registration(actor, user)
    made = verified_credential(actor, user, credential, purpose=Purpose.REGISTER, session_id=actor.session_id)
    return keep_passkey(actor, user, made, ruling=ruling, name=name, pass_id=_pass_behind(actor.session))


def verified_credential(
    actor: Actor, user: User, credential: object, *, purpose: Purpose, session_id: UUID | None, browser: str = ""
) -> passkeys.NewCredential:
    """Spend the challenge and check the authenticator's answer to it. Raises Invalid."""
    try:
        challenge = _spend(credential, purpose=purpose, session_id=session_id, browser=browser, user=user)
        return passkeys.verify_registration(relying_party(), credential, challenge=challenge)
    except PasskeyRejected as problem:
        record(Event.PASSKEY_NOT_REGISTERED, actor=actor, target=user, outcome=Outcome.FAILURE, reason=problem.code)
        raise Invalid(problem.code, _("The passkey could not be checked. Try again.")) from problem


def keep_passkey(
    actor: Actor, user: User, made: passkeys.NewCredential, *, ruling: Ruling, name: str, pass_id: UUID | None = None
) -> Passkey:
    """Keep a verified credential as a passkey of ``user``, if the policy wants its model.

    Raises Invalid, Conflict, ConfirmationNeeded (the sign-in ended meanwhile).
    """
    is_attested = _check_model(actor, user, ruling, made)
    passkey = Passkey(
        tenant_id=user.tenant_id,
        user=user,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        aaguid=made.aaguid,
        is_attested=is_attested,
        transports=made.transports,
        is_backup_eligible=made.is_backup_eligible,
        is_backed_up=made.is_backed_up,
        name=rules.clean_name(name) or model_name(made.aaguid) or _("Passkey"),
        created_at=clock.now(),
        registered_with_pass_id=pass_id,
    )
    try:
        with transaction.atomic(durable=True):
            hold_sign_in(actor)
            passkey.save(force_insert=True)
            record(
                Event.PASSKEY_REGISTERED,
                actor=actor,
                target=user,
                detail={
                    "passkey": str(passkey.id),
                    "name": passkey.name,
                    "aaguid": str(passkey.aaguid),
                    "attested": is_attested,
                    "pass": str(pass_id or "") or None,
                },
            )
            telling.passkey_added(actor, user, passkey)
    except IntegrityError as error:
        raise Conflict("passkey_known", _("This passkey is registered already.")) from error
    return passkey


def _pass_behind(session: SessionFacts | None) -> UUID | None:
    """Return the pass that a sign-in goes back to, be it through a passkey registered with it as long as it can be denied."""
    if session is None or session.credential_id is None:
        return None
    if session.method is MethodKind.TEMPORARY_ACCESS_PASS:
        return session.credential_id
    young = Passkey.objects.filter(pk=session.credential_id, created_at__gt=clock.now() - LIFE)
    return young.values_list("registered_with_pass_id", flat=True).first()


def rename_passkey(actor: Actor, *, user: User, passkey_id: UUID, name: str) -> None:
    """Give one of the actor's own passkeys another name. Raises ConfirmationNeeded, Refused, Invalid, NotFound."""
    require_own(actor, user)
    clean = rules.clean_name(name)
    if not clean:
        raise Invalid("name_empty", fields={"name": _("Enter a name.")})
    with transaction.atomic(durable=True):
        passkey = Passkey.objects.select_for_update().filter(pk=passkey_id, user=user).first()
        if passkey is None:
            raise NotFound("passkey")
        old, passkey.name = passkey.name, clean
        passkey.save(update_fields=["name"])
        detail: dict[str, object] = {"old": old, "new": clean}
        record(Event.PASSKEY_RENAMED, actor=actor, target=user, detail={"passkey": str(passkey_id), "name": detail})


def delete_passkey(actor: Actor, *, user: User, passkey_id: UUID) -> None:
    """Delete one of the actor's own passkeys and end the sessions made with it, except where nothing lasting would be left.

    Raises ConfirmationNeeded, Refused, Invalid, NotFound.
    """
    require_own(actor, user)
    with transaction.atomic(durable=True):
        User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").first()
        others = others_left(user, passkey_id)
        if rules.removal_problem(others=others, has_password=user.has_lasting_password) is not None:
            raise Invalid(
                rules.RemovalProblem.LAST_LASTING_METHOD.value,
                _("This is your last way to sign in. Add another passkey or a password first."),
            )
        _delete_passkey(actor, user, passkey_id)


def delete_pass(actor: Actor, *, user: User, pass_id: UUID) -> None:
    """Delete the actor's own pass when it is no longer needed. A password alone does not do it (criterion B08).

    Raises ConfirmationNeeded, Refused, NotFound.
    """
    require_own(actor, user)
    tap.delete_own(actor, user=user, pass_id=pass_id)


def remove_passkey_of(actor: Actor, *, target: Reached, passkey_id: UUID) -> None:
    """Delete a passkey of somebody else and end its sessions. Raises Refused, ConfirmationNeeded, NotFound."""
    target.require(Act.METHODS_DELETE)
    with transaction.atomic(durable=True):
        _delete_passkey(actor, target.user, passkey_id)


def require_reregistration(actor: Actor, *, target: Reached) -> int:
    """Delete every passkey of ``target`` and end every session, so that the person registers anew with a pass.

    Returns how many passkeys that were. Raises Refused, ConfirmationNeeded.
    """
    target.require(Act.METHODS_DELETE)
    with transaction.atomic(durable=True):
        deleted, _by_model = Passkey.objects.filter(user=target.user).delete()
        ended = sessions.revoke_all_of(target.user.id, SessionEnd.METHOD_REMOVED, now=clock.now())
        record(
            Event.REREGISTRATION_REQUIRED,
            actor=actor,
            target=target.user,
            detail={"passkeys": deleted, "sessions": ended},
        )
        telling.passkeys_removed(actor, target.user)
    return deleted


def begin_sign_in(*, browser: str) -> passkeys.Json:
    """Open a passkey sign-in for a browser and return its options, the same for everybody."""
    challenge = token_bytes(32)
    Ceremony.objects.create(
        purpose=Purpose.SIGN_IN, challenge=challenge, browser=browser, expires_at=clock.now() + CHALLENGE_LIFE
    )
    return passkeys.request_options(relying_party(), challenge=challenge)


def verify_passkey(actor: Actor, *, credential: object, browser: str, upn: str = "") -> VerifiedPasskey:
    """Check a passkey's signature for a browser's sign-in; where a user name was typed, it must be his.

    Raises NotUsable, always with the same message.
    """
    user: User | None = None
    try:
        challenge = _spend(credential, purpose=Purpose.SIGN_IN, browser=browser)
        passkey = (
            Passkey.objects.select_related("user__tenant__passkey_policy")
            .filter(credential_id=passkeys.credential_id_of(credential))
            .first()
        )
        if passkey is None:
            raise PasskeyRejected("unknown_credential")  # noqa: TRY301  one way out for every refusal
        user = passkey.user
        stored = passkeys.StoredCredential(
            bytes(passkey.credential_id),
            bytes(passkey.public_key),
            passkey.sign_count,
            bytes(user.webauthn_handle),
            passkey.is_backup_eligible,
        )
        assertion = passkeys.verify_assertion(
            relying_party(), credential, challenge=challenge, stored=stored, is_named=bool(upn)
        )
        if not user.is_active or not user.tenant.is_enabled or (upn and user.upn_key != fold_upn(upn)):
            raise PasskeyRejected("other_user" if upn and user.upn_key != fold_upn(upn) else "user_disabled")  # noqa: TRY301
        if block := ruling_of(user, policy_in(user.tenant)).block_of(passkey.aaguid):
            raise PasskeyRejected(block.value)  # noqa: TRY301
    except PasskeyRejected as problem:
        record(Event.PASSKEY_REFUSED, actor=actor, target=user, outcome=Outcome.FAILURE, reason=problem.code)
        raise NotUsable(
            problem.code, _("That passkey doesn't work here. Try another one, or choose another way to sign in.")
        ) from problem
    return VerifiedPasskey(user, passkey, assertion)


def claim_passkey(actor: Actor, *, verified: VerifiedPasskey) -> None:
    """Store the new counter and backup state, inside the transaction that opens the session.

    Raises NotUsable where the passkey was deleted or signed with the same counter meanwhile.
    """
    assertion, passkey = verified.assertion, verified.passkey
    moved = Passkey.objects.filter(pk=passkey.pk, sign_count=passkey.sign_count).update(
        sign_count=assertion.sign_count, is_backed_up=assertion.is_backed_up, last_used_at=clock.now()
    )
    if not moved:
        raise NotUsable("passkey_changed", _("That passkey doesn't work here any more. Choose another way to sign in."))
    record(Event.PASSKEY_USED, actor=actor, target=verified.user, detail={"passkey": str(passkey.id)})


def require_own(actor: Actor, user: User) -> None:
    standing = Standing.SELF if actor.user_id == user.id else Standing.MEMBER
    require(actor, Act.OWN_METHODS_CHANGE, standing, target=user)


def _require_registration(actor: Actor, user: User) -> Ruling:
    require_own(actor, user)
    ruling = ruling_of(user)
    if block := ruling.registration_block:
        record(Event.PASSKEY_REFUSED, actor=actor, target=user, outcome=Outcome.DENIED, reason=block.value)
        raise Denied(block.value, wording.no_passkey(block))
    return ruling


def _check_model(actor: Actor, user: User, ruling: Ruling, made: passkeys.NewCredential) -> bool:
    """Refuse a model that the policy does not want, and, where proof is asked for, one that has none. True: it is proved."""
    reason, told = "", ""
    if (block := ruling.block_of(made.aaguid)) is not PasskeyBlock.NONE:
        reason, told = block.value, wording.no_passkey(block)
    elif ruling.policy.is_attestation_enforced:
        known = authenticator(made.aaguid)
        problem = attestation_problem(made.statement, aaguid=made.aaguid, known=known, now=clock.now())
        if problem is not None:
            reason, told = problem.value, wording.not_attested(problem)
    if reason:
        detail = {"aaguid": str(made.aaguid), "model": model_name(made.aaguid)}
        record(Event.PASSKEY_REFUSED, actor=actor, target=user, outcome=Outcome.FAILURE, reason=reason, detail=detail)
        raise Invalid(reason, told)
    return ruling.policy.is_attestation_enforced


def _spend(
    credential: object, *, purpose: Purpose, session_id: UUID | None = None, browser: str = "", user: User | None = None
) -> bytes:
    """Claim the challenge an answer speaks of, before anything is verified. Raises PasskeyRejected."""
    challenge, now = passkeys.challenge_of(credential), clock.now()
    spent = Ceremony.objects.filter(
        challenge=challenge,
        purpose=purpose,
        session_id=session_id,
        browser=browser,
        user=user,
        spent_at__isnull=True,
        expires_at__gt=now,
    ).update(spent_at=now)
    if not spent:
        raise PasskeyRejected("challenge")
    return challenge


def _delete_passkey(actor: Actor, user: User, passkey_id: UUID) -> None:
    passkey = Passkey.objects.filter(pk=passkey_id, user=user).first()
    if passkey is None:
        raise NotFound("passkey", _("This passkey was deleted already."))
    telling.passkey_removed(actor, user, passkey)
    name = passkey.name
    passkey.delete()
    ended = sessions.revoke_bound_to(passkey_id, SessionEnd.METHOD_REMOVED, now=clock.now())
    detail: Detail = {"passkey": str(passkey_id), "name": name, "sessions": ended}
    record(Event.PASSKEY_DELETED, actor=actor, target=user, detail=detail)
