"""Why a person can or cannot use a pass: each rule in order, with its answer. Pure, and free of side effects."""

from dataclasses import dataclass
from datetime import datetime

from accounts.enums import UserKind
from accounts.models import User
from accounts.targeting import Scope
from tap.enums import CHECKS_OF_PASS, Check, Verdict
from tap.models import TapPolicy, TemporaryAccessPass


@dataclass(frozen=True)
class Finding:
    """One check and its verdict."""

    check: Check
    verdict: Verdict

    @property
    def stops(self) -> bool:
        """True where this is why the person can't use a pass."""
        return self.verdict is Verdict.STOPS


@dataclass(frozen=True)
class Wait:
    """No attempt is heard ``until`` then (attempt limits): from ``address``, or where that is empty, from anywhere.

    ``is_shared``: what others have tried from there counts too, so a new pass does not end it.
    """

    until: datetime
    address: str = ""
    is_shared: bool = False


@dataclass(frozen=True)
class Case:
    """Everything the checks look at. ``wait``: the one that lasts longest."""

    user: User
    policy: TapPolicy
    scope: Scope
    issued: TemporaryAccessPass | None
    issuer_may: bool
    wait: Wait | None


def diagnose(case: Case, *, now: datetime) -> list[Finding]:
    """Answer every check. The person can use the pass iff all of them hold: ``rules.usability`` and the sign-in agree."""
    answers = _of_person(case) | _of_pass(case, now=now)
    answers[Check.HEARD] = case.wait is None or now >= case.wait.until
    return [Finding(check, _verdict(answer=answers[check])) for check in Check]


def new_pass_helps(case: Case, check: Check) -> bool:
    """True where a check that stops the person would hold after a new pass."""
    if case.user.kind == UserKind.EXTERNAL_GUEST:
        return False  # he can have none
    if check is Check.HEARD:
        return case.wait is not None and not case.wait.is_shared
    return check is Check.PASS_EXISTS or check in CHECKS_OF_PASS


def _of_person(case: Case) -> dict[Check, bool | None]:
    user = case.user
    return {
        Check.ORGANISATION_ENABLED: user.tenant.is_enabled,
        Check.ACCOUNT_ENABLED: user.is_enabled,
        Check.SIGNS_IN_HERE: user.kind != UserKind.EXTERNAL_GUEST,
        Check.METHOD_ON: case.policy.is_enabled,
        Check.INCLUDED: case.scope.included_by is not None,
        Check.NOT_EXCLUDED: case.scope.excluded_by is None,
    }


def _of_pass(case: Case, *, now: datetime) -> dict[Check, bool | None]:
    issued = case.issued
    if issued is None:
        return {Check.PASS_EXISTS: False} | dict.fromkeys(CHECKS_OF_PASS)
    return {
        Check.PASS_EXISTS: True,
        Check.ISSUER_MAY: case.issuer_may,
        Check.USES_ALLOWED: issued.is_usable_once or not case.policy.is_usable_once,
        Check.NOT_USED_UP: not issued.is_usable_once or issued.first_used_at is None,
        Check.NOT_LOCKED: issued.locked_at is None,
        Check.STARTED: now >= issued.starts_at,
        Check.NOT_ENDED: now < issued.ends_at,
    }


def _verdict(*, answer: bool | None) -> Verdict:
    return Verdict.OPEN if answer is None else Verdict.HOLDS if answer else Verdict.STOPS
