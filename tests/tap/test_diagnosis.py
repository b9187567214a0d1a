"""Why a person can or cannot use a pass: the answers and the rules that decide never differ."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from accounts.enums import TargetSide, UserKind
from accounts.models import Tenant, User
from accounts.targeting import Scope, Target
from tap.diagnosis import Case, Wait, diagnose
from tap.enums import Check, Verdict
from tap.models import TapPolicy, TemporaryAccessPass
from tap.rules import usability
from tests.tap.test_usability import END, EVERYBODY, START, a_pass

EXCLUDED = Target(TargetSide.EXCLUDE)


def case(issued: TemporaryAccessPass | None = None, **facts: Any) -> Case:
    user = User(upn="tapuser@contoso.com", tenant=Tenant(name="Contoso"), kind=facts.pop("kind", UserKind.MEMBER))
    user.is_enabled, user.tenant.is_enabled = facts.pop("enabled", True), facts.pop("tenant_enabled", True)
    plain: dict[str, Any] = {
        "policy": TapPolicy(is_enabled=True),
        "scope": Scope(included_by=EVERYBODY),
        "issuer_may": True,
        "wait": None,
    }
    return Case(user=user, issued=issued, **(plain | facts))


def stopping(asked: Case) -> list[Check]:
    return [finding.check for finding in diagnose(asked, now=START) if finding.stops]


STATES = product(
    [{}, {"starts_at": START + timedelta(hours=1)}],
    [{}, {"ends_at": START}],
    [{}, {"locked_at": START}],
    [{}, {"first_used_at": START}],
    [True, False],
    [True, False],
    [True, False],
    [Scope(), Scope(included_by=EVERYBODY), Scope(included_by=EVERYBODY, excluded_by=EXCLUDED)],
    [True, False],
)


def test_nothing_stops_exactly_where_the_pass_is_usable() -> None:
    """Every mix of facts: the page's answers and the rule that the sign-in asks agree."""
    for started, ended, locked, used, once, on, demands_once, scope, issuer_may in STATES:
        issued = a_pass(**({"is_usable_once": once, "ends_at": END} | started | ended | locked | used))
        policy = TapPolicy(is_enabled=on, is_usable_once=demands_once)
        state = usability(issued, policy, scope, now=START, issuer_may=issuer_may)
        asked = case(issued, policy=policy, scope=scope, issuer_may=issuer_may)
        assert (not stopping(asked)) is state.is_usable, (issued.__dict__, policy.__dict__, scope, issuer_may)


@pytest.mark.parametrize(
    ("facts", "check"),
    [
        ({"enabled": False}, Check.ACCOUNT_ENABLED),
        ({"tenant_enabled": False}, Check.ORGANISATION_ENABLED),
        ({"kind": UserKind.EXTERNAL_GUEST}, Check.SIGNS_IN_HERE),
        ({"wait": Wait(START + timedelta(seconds=1))}, Check.HEARD),
    ],
)
def test_what_the_pass_itself_does_not_know_stops_too(facts: dict[str, Any], check: Check) -> None:
    assert stopping(case(a_pass(ends_at=END), **facts)) == [check]


def test_without_a_pass_its_questions_stay_open() -> None:
    findings = {finding.check: finding.verdict for finding in diagnose(case(), now=START)}
    assert findings[Check.PASS_EXISTS] is Verdict.STOPS
    assert findings[Check.NOT_ENDED] is Verdict.OPEN
    assert list(findings) == list(Check)


def test_a_wait_that_is_over_stops_nobody() -> None:
    assert stopping(case(a_pass(ends_at=END), wait=Wait(START))) == []


def test_an_internal_guest_is_as_anyone() -> None:
    assert stopping(case(a_pass(ends_at=END), kind=UserKind.INTERNAL_GUEST)) == []
