"""What stops a person from using a pass, rule by rule, and where that can be mended."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Reached
from accounts.authority import holders_of
from accounts.enums import Act
from authmethods.wording import needs
from core.text import Text
from tap.diagnosis import Case, Finding, diagnose, new_pass_helps
from tap.enums import Check, Verdict
from tap.wording import asked, found

ON_POLICY = (Check.METHOD_ON, Check.INCLUDED, Check.NOT_EXCLUDED)
PILLS = {Verdict.HOLDS: "ok", Verdict.STOPS: "bad", Verdict.OPEN: ""}


@dataclass(frozen=True)
class Mend:
    """Where a rule's answer can be changed, or without ``url``, who can change it."""

    text: Text
    url: str = ""


@dataclass(frozen=True)
class Row:
    """One check as pages show it."""

    finding: Finding
    pill: str
    asked: Text
    found: Text
    mend: Mend | None

    @property
    def answer(self) -> Text:
        """Return the verdict in a word."""
        words = {Verdict.HOLDS: _("Yes"), Verdict.STOPS: _("No"), Verdict.OPEN: _("Not asked")}
        return words[self.finding.verdict]


def rows_of(reached: Reached, case: Case, *, now: datetime, issue_at: str) -> list[Row]:
    """Return every rule in order. ``issue_at`` is the name of the page that issues a pass."""
    return [_row(reached, case, finding, issue_at) for finding in diagnose(case, now=now)]


def _row(reached: Reached, case: Case, finding: Finding, issue_at: str) -> Row:
    mend = _mend(reached, case, finding.check, issue_at) if finding.stops else None
    return Row(finding, PILLS[finding.verdict], asked(finding.check), found(finding, case), mend)


def _mend(reached: Reached, case: Case, check: Check, issue_at: str) -> Mend | None:
    """Return where the actor can change what stops the person, or who can; None where nothing of ours helps."""
    person = reached.user.id
    if check in ON_POLICY:
        return _at(reached, Act.POLICY_CHANGE, _("Open policy"), reverse("tap:policy_target"))
    if check is Check.ACCOUNT_ENABLED:
        return _at(reached, Act.USERS_DISABLE, _("Open account"), reverse("accounts:user", args=[person]))
    if new_pass_helps(case, check):
        return _at(reached, Act.PASS_ISSUE, _("Add a pass"), reverse(issue_at, args=[person]))
    return None


def _at(reached: Reached, act: Act, text: str, url: str) -> Mend:
    if reached.may(act):
        return Mend(text, url)
    reason = reached.decide(act).reason
    return Mend(str(reason.message) if reason.can_step_up else needs(reason, holders_of(act, reached.standing)))
