"""The steps of signing in. Each verifies first (limits, one hash), then claims and opens the session in one transaction."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.db import transaction

from accounts import sessions
from accounts.authority import Actor
from accounts.enums import DomainKind, Interrupt, MethodKind, PassPrompt, SessionEnd
from accounts.models import Domain, SignInSession, User
from audit.actions import record
from audit.enums import Event
from authmethods import actions as methods
from authmethods import passwords, registering
from authmethods.catalogue import has_usable_passkey
from authmethods.enums import Ask
from authmethods.judging import registration_ask
from core import clock, limits, secrets
from core.errors import Denied, TooMany
from core.http import network_of
from core.text import fold_upn
from signin.establish import Established, establish
from signin.flow import Offer
from tap import actions as passes
from tap import queries as pass_queries
from tap.rules import REGISTRATION_WINDOW

TIME_TO_REPLACE = timedelta(minutes=15)  # a one-off password, once it was used


def identify(actor: Actor, *, upn: str) -> Offer:
    """Say what may be offered for a typed user name. Nothing but a usable pass tells whether the account exists (C04, C05)."""
    domain = Domain.objects.select_related("tenant").filter(name=fold_upn(upn).rpartition("@")[2]).first()
    return replace(_offer(actor, upn, domain), organisation=domain.tenant.name if domain else "")


def sign_in_with_pass(
    actor: Actor, *, upn: str, typed: str, user_agent: str = "", replacing: SignInSession | None = None
) -> Established:
    """Redeem a Temporary Access Pass. The session ends with the pass. Raises TooMany, Busy, NotUsable."""
    verified = passes.verify(actor, upn=upn, typed=typed)
    now = clock.now()
    window = now + REGISTRATION_WINDOW if verified.issued.is_usable_once else None
    actor = _proved(actor, verified.user)
    with transaction.atomic(durable=True):
        used = passes.claim(actor, verified=verified, user_agent=user_agent)
        return establish(
            actor,
            user=verified.user,
            method=MethodKind.TEMPORARY_ACCESS_PASS,
            now=now,
            credential_id=verified.issued.id,
            ends_at=verified.issued.ends_at,
            registration_ends_at=window,
            interrupt=Interrupt.REGISTRATION if verified.user.tenant.campaign_since else Interrupt.NONE,
            user_agent=user_agent,
            replacing=replacing,
            used=used,
        )


def sign_in_with_password(
    actor: Actor, *, upn: str, typed: str, user_agent: str = "", replacing: SignInSession | None = None
) -> Established:
    """Sign in with a password: a single-factor session, which with a one-off password is for replacing that.

    Raises TooMany, Busy, NotUsable.
    """
    verified = passwords.verify_password(actor, upn=upn, typed=typed)
    actor, now = _proved(actor, verified.user), clock.now()
    with transaction.atomic(durable=True):
        passwords.claim_password(actor, verified=verified)
        return establish(
            actor,
            user=verified.user,
            method=MethodKind.PASSWORD,
            now=now,
            ends_at=now + TIME_TO_REPLACE if verified.is_one_off else None,
            interrupt=Interrupt.NEW_PASSWORD if verified.is_one_off else Interrupt.NONE,
            user_agent=user_agent,
            replacing=replacing,
        )


def replace_password(actor: Actor, *, session: SignInSession, password: str, user_agent: str = "") -> Established:
    """Set a password of the person's own in place of the one-off one he came with, and sign him in with it.

    Raises Denied, Invalid (field ``password``), Conflict.
    """
    if session.interrupt != Interrupt.NEW_PASSWORD:
        raise Denied("nothing_to_replace")
    user = session.user
    encoded, actor = passwords.chosen(user, password), replace(actor, opening=uuid4())
    with transaction.atomic(durable=True):
        passwords.replace_one_off(actor, user=user, encoded=encoded)
        return establish(actor, user=user, method=MethodKind.PASSWORD, now=clock.now(), user_agent=user_agent)


def sign_in_with_passkey(
    actor: Actor,
    *,
    credential: object,
    browser: str,
    upn: str = "",
    user_agent: str = "",
    replacing: SignInSession | None = None,
) -> Established:
    """Sign in with a passkey, of the typed user name or of whoever it belongs to. Raises NotUsable."""
    verified = methods.verify_passkey(actor, credential=credential, browser=browser, upn=upn)
    actor = _proved(actor, verified.user)
    with transaction.atomic(durable=True):
        methods.claim_passkey(actor, verified=verified)
        return establish(
            actor,
            user=verified.user,
            method=MethodKind.FIDO2,
            now=clock.now(),
            credential_id=verified.passkey.id,
            user_agent=user_agent,
            replacing=replacing,
        )


def interrupt(actor: Actor, *, session: SignInSession) -> Ask:
    """Judge what the session's person is asked for before he goes on, and hold or release the session accordingly."""
    ask = Ask.NOTHING
    if session.method == MethodKind.TEMPORARY_ACCESS_PASS:
        ask = registration_ask(session.user, roles=actor.roles, now=clock.now())
    sessions.interrupt(session, Interrupt.REGISTRATION if ask else Interrupt.NONE)
    return ask


def skip(actor: Actor, *, session: SignInSession) -> None:
    """Let the session's person go on without a method, until the campaign asks again. Raises Denied where he must add one."""
    registering.skip_registration(actor, user=session.user)
    sessions.interrupt(session, Interrupt.NONE)


def sign_out(actor: Actor, *, session: SignInSession) -> None:
    """End the session the actor is in."""
    with transaction.atomic(durable=True):
        sessions.revoke(SignInSession.objects.filter(pk=session.pk), SessionEnd.SIGNED_OUT, now=clock.now())
        record(Event.SIGNED_OUT, actor=actor, target=session.user)


def _made_up(upn: str, *, is_federated: bool) -> Offer:
    """Return what somebody would see who exists: always the same for one name, passkey or password by chance (C04)."""
    coin = int(secrets.pseudonyms("offer", fold_upn(upn))[0], 16) % 2
    return Offer(has_passkey=coin == 0, has_password=coin == 1, is_federated=is_federated)


def _offer(actor: Actor, upn: str, domain: Domain | None) -> Offer:
    account = pass_queries.account_named(upn)
    is_federated = domain is not None and domain.kind == DomainKind.FEDERATED
    try:
        limits.reserve(limits.lookup_lanes(network_of(actor.address)), now=clock.now())
    except TooMany:
        return Offer()
    user, issued = account.user, account.issued
    if user is None or not user.is_enabled or not user.tenant.is_enabled:
        return _made_up(upn, is_federated=is_federated)
    if (
        issued is not None
        and user.tenant.pass_prompt == PassPrompt.WHEN_USABLE
        and pass_queries.state_of(issued, policy=account.policy, now=clock.now()).is_usable
    ):
        return Offer(has_usable_pass=True)
    has_passkey = has_usable_passkey(user)
    if not has_passkey and not user.has_password:
        return _made_up(upn, is_federated=is_federated)
    return Offer(has_passkey=has_passkey, has_password=user.has_password, is_federated=is_federated)


def _proved(actor: Actor, user: User) -> Actor:
    """Return the actor as who he has proved to be, in the session he is about to open, so that events name both."""
    return replace(actor, user_id=user.id, upn=user.upn, name=user.display_name, opening=uuid4())
