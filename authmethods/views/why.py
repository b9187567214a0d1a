"""Why a person can or cannot use a pass: each rule, its answer, and the way to mend it."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Reached, reach
from accounts.enums import Act
from accounts.queries import domain_of
from accounts.requests import SignedInRequest
from accounts.views.users import person_context
from authmethods import wording
from core import clock
from core.text import Text
from tap.diagnosis import Case, Finding, diagnose
from tap.enums import Check, Verdict
from tap.queries import case_of, holders
from tap.wording import asked, found

ON_POLICY = (Check.METHOD_ON, Check.INCLUDED, Check.NOT_EXCLUDED)
BY_NEW_PASS = (
    Check.PASS_EXISTS,
    Check.ISSUER_MAY,
    Check.USES_ALLOWED,
    Check.NOT_USED_UP,
    Check.NOT_LOCKED,
    Check.NOT_ENDED,
    Check.HEARD,
)
PILLS = {Verdict.HOLDS: "ok", Verdict.STOPS: "bad", Verdict.OPEN: ""}


@dataclass(frozen=True)
class Mend:
    """Where a rule's answer can be changed."""

    text: Text
    url: str


@dataclass(frozen=True)
class Row:
    """One check as the page shows it."""

    finding: Finding
    pill: str
    asked: Text
    found: Text
    mend: Mend | None


@require_safe
def why(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Answer the help desk's question, with nothing changed by asking."""
    reached = reach(request.actor, user_id, Act.PASS_VIEW, people=holders())
    now = clock.now()
    case = case_of(reached.user, now=now, roles=reached.roles)
    findings = diagnose(case, now=now)
    stopping = [finding for finding in findings if finding.stops]
    context = person_context(reached, "methods") | {
        "rows": [_row(reached, case, finding) for finding in findings],
        "stopping": len(stopping),
        "first": found(stopping[0], case) if stopping else "",
        "notes": wording.also_worth_knowing(reached.user, domain_of(reached.user)),
    }
    return render(request, "authmethods/center/why.html", context)


def _row(reached: Reached, case: Case, finding: Finding) -> Row:
    mend = _mend(reached, finding.check) if finding.stops else None
    return Row(finding, PILLS[finding.verdict], asked(finding.check), found(finding, case), mend)


def _mend(reached: Reached, check: Check) -> Mend | None:
    """Return where the actor can change what stops the person, or None where he may not or nothing helps."""
    person = reached.user.id
    if check in ON_POLICY:
        return Mend(_("Open policy"), reverse("tap:policy_target")) if reached.may(Act.POLICY_VIEW) else None
    if check is Check.ACCOUNT_ENABLED:
        return Mend(_("Open account"), reverse("accounts:user", args=[person]))
    if check in BY_NEW_PASS and reached.may(Act.PASS_ISSUE):
        return Mend(_("Add a pass"), reverse("authmethods:add_method", args=[person]))
    return None
