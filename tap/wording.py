"""The sentences about passes: what is wrong with one, and what a person at the sign-in may be told."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.targeting import Target
from core.wording import MINUTES_OF_DAY, MINUTES_OF_HOUR, duration, when
from tap.diagnosis import Case, Finding, Wait
from tap.enums import CHECKS_OF_PASS, Block, Check, Listing, Usability, Verdict
from tap.models import LONGEST_CODE, LONGEST_LIFETIME, SHORTEST_CODE, SHORTEST_LIFETIME, TapPolicy, TemporaryAccessPass
from tap.queries import Effect
from tap.rules import LONGEST_REASON, PassProblem, PolicyProblem, State


def blocked_message() -> str:
    """Return the original's words for a right code that the policy stops."""
    return _("Temporary Access Pass sign in was blocked due to User Credential Policy")


def neutral_message() -> str:
    """Return the one answer to everybody who has not shown the right code (C06)."""
    return _(
        "Your Temporary Access Pass is incorrect or no longer works. "
        "Check it and try again, or ask your administrator for a new pass."
    )


def problem_message(problem: PassProblem, policy: TapPolicy) -> str:
    """Return the sentence for what is wrong with a pass somebody asks for."""
    messages: dict[PassProblem, str] = {
        PassProblem.METHOD_OFF: _("Temporary Access Pass is turned off for this organisation. No pass can be issued."),
        PassProblem.EXTERNAL_GUEST: _("Temporary Access Pass cannot be added to an external guest user"),
        PassProblem.USER_DISABLED: _("This account is disabled. Enable it before you issue a pass."),
        PassProblem.LIFETIME_OUT_OF_RANGE: _(
            "The policy allows %(least)s to %(most)s. Enter a duration in that range.",
        )
        % {"least": duration(policy.minimum_lifetime), "most": duration(policy.maximum_lifetime)},
        PassProblem.START_IN_PAST: _("The start lies in the past. Choose a later time, or let the pass start now."),
        PassProblem.START_TOO_FAR: _("The start must lie within the next 365 days."),
        PassProblem.ONE_TIME_REQUIRED: _("The policy requires one-time use. Choose one sign-in."),
        PassProblem.REASON_NOT_PLAIN: _("The reason can have up to %(most)s characters, in one line of plain text.")
        % {"most": LONGEST_REASON},
    }
    return messages[problem]


def policy_problem_message(field: str, problem: PolicyProblem, policy: TapPolicy) -> str:
    """Return the sentence for what is wrong with the policy setting ``field``."""
    values = {
        "least": duration(SHORTEST_LIFETIME),
        "most": duration(LONGEST_LIFETIME),
        "minimum": duration(policy.minimum_lifetime),
        "maximum": duration(policy.maximum_lifetime),
        "shortest": SHORTEST_CODE,
        "longest": LONGEST_CODE,
    }
    if problem is PolicyProblem.MINIMUM_ABOVE_MAXIMUM:
        return _("Minimum lifetime must not be longer than the maximum (%(maximum)s).") % values
    if problem is PolicyProblem.DEFAULT_OUTSIDE:
        return _(
            "Default lifetime must be between the minimum (%(minimum)s) and the maximum (%(maximum)s). Enter %(range)s."
        ) % (values | {"range": span(policy.minimum_lifetime, policy.maximum_lifetime)})
    return {
        "minimum_lifetime": _("Minimum lifetime must be a whole number, from %(least)s to %(most)s."),
        "maximum_lifetime": _("Maximum lifetime must be a whole number, from %(least)s to %(most)s."),
        "default_lifetime": _("Default lifetime must be a whole number, from %(least)s to %(most)s."),
        "default_length": _("Length must be a whole number from %(shortest)s to %(longest)s."),
    }[field] % values


def span(least: int, most: int) -> str:
    """Return a range of minutes, the unit once where both ends share it: "1 to 8 hours", "10 minutes to 30 days"."""
    for unit, words in (
        (MINUTES_OF_DAY, _("%(least)s to %(most)s days")),
        (MINUTES_OF_HOUR, _("%(least)s to %(most)s hours")),
    ):
        if least != most and least % unit == 0 and most % unit == 0:
            return words % {"least": least // unit, "most": most // unit}
    if least == most:
        return _("exactly %(duration)s") % {"duration": duration(least)}
    return _("%(least)s to %(most)s") % {"least": duration(least), "most": duration(most)}


def next_pass(policy: TapPolicy) -> str:
    """Return what the settings mean for the next pass, in one sentence."""
    values = {
        "length": policy.default_length,
        "default": duration(policy.default_lifetime),
        "range": span(policy.minimum_lifetime, policy.maximum_lifetime),
    }
    if policy.minimum_lifetime == policy.maximum_lifetime and policy.is_usable_once:
        words = _("The next pass has %(length)s characters and works for one sign-in within %(default)s of its start.")
    elif policy.minimum_lifetime == policy.maximum_lifetime:
        words = _(
            "The next pass has %(length)s characters and works for %(default)s, for one sign-in or for many, "
            "as the administrator who issues it chooses."
        )
    elif policy.is_usable_once:
        words = _(
            "The next pass has %(length)s characters and works for one sign-in within %(default)s of its start. "
            "The administrator who issues it may choose another duration (%(range)s)."
        )
    else:
        words = _(
            "The next pass has %(length)s characters and works for %(default)s, for one sign-in or for many. "
            "The administrator who issues it may choose another duration (%(range)s)."
        )
    return words % values


def effect_of_change(effect: Effect, *, is_about_use: bool) -> str:
    """Return what a change of policy stops, in one sentence; nothing where it stops nothing."""
    active, scheduled, plus = effect.active, effect.scheduled, "+" if effect.is_capped else ""
    values = {"active": f"{active}{plus}", "scheduled": f"{scheduled}{plus}"}
    if is_about_use:
        stop = ngettext(
            "%(active)s multiple-use pass will stop working at once",
            "%(active)s multiple-use passes will stop working at once",
            active,
        )
    else:
        stop = ngettext("%(active)s active pass stops working", "%(active)s active passes stop working", active)
    miss = ngettext(
        "%(scheduled)s scheduled pass will not start", "%(scheduled)s scheduled passes will not start", scheduled
    )
    if active and scheduled:
        return _("%(stop)s and %(miss)s.") % {"stop": stop % values, "miss": miss % values}
    if active or scheduled:
        return _("%(what)s.") % {"what": (stop if active else miss) % values}
    return _("Some passes may stop working: there are too many of them to count now.") if effect.is_capped else ""


def told(issued: TemporaryAccessPass, state: State) -> str:
    """Return what somebody who has shown the right code is told (design §5)."""
    if state.usability is Usability.NOT_YET_VALID:
        return _("Your Temporary Access Pass starts on %(when)s.") % {"when": when(issued.starts_at)}
    if state.usability is Usability.EXPIRED:
        return _(
            "Your Temporary Access Pass has expired. It ended on %(when)s. Ask your administrator for a new one."
        ) % {
            "when": when(issued.ends_at),
        }
    why = {
        Usability.ONE_TIME_USED: _("It was for one sign-in and has been used."),
        Usability.LOCKED: _("It was entered wrongly too often."),
    }.get(state.usability, _("Sign-in with it is not allowed for you at the moment."))
    if state.block is Block.METHOD_OFF:
        why = _("Sign-in with a Temporary Access Pass is turned off.")
    return f"{blocked_message()}. {why} {_('Ask your administrator.')}"


PILLS = {
    Usability.ENABLED_BY_POLICY: "ok",
    Usability.NOT_YET_VALID: "info",
    Usability.DISABLED_BY_POLICY: "warn",
    Usability.LOCKED: "bad",
    Usability.ONE_TIME_USED: "",
    Usability.EXPIRED: "",
}


def pill(state: State) -> tuple[str, str]:
    """Return a state as a word, and the kind of pill it gets."""
    word = _("Not in scope") if state.block is Block.NOT_IN_SCOPE else str(state.usability.label)
    return word, PILLS[state.usability]


def why(issued: TemporaryAccessPass, state: State) -> str:
    """Return in a line why a pass is in its state, for administrators."""
    if state.block is not Block.NONE:
        return str(state.block.label)
    if state.usability is Usability.LOCKED:
        return _("Too many wrong attempts. Add a new pass.")
    if state.usability is Usability.ONE_TIME_USED and issued.first_used_at:
        return _("Used %(when)s") % {"when": when(issued.first_used_at)}
    if issued.use_count:
        return ngettext("Used once", "Used %(count)s times", issued.use_count) % {"count": issued.use_count}
    return _("Never used") if state.usability is Usability.EXPIRED else ""


def nothing_listed(listing: Listing, term: str) -> tuple[str, str]:
    """Return what an empty list of passes says: what is so, and what then."""
    if term:
        return _("No passes match “%(query)s”.") % {"query": term}, _("Check the spelling, or look in another state.")
    return {
        Listing.LIVE: (_("No active passes."), _("Issue one to see it here.")),
        Listing.SCHEDULED: (_("No scheduled passes."), _("A pass with a delayed start waits here.")),
        Listing.USED: (_("No used passes."), _("One-time passes stand here once their person has signed in.")),
        Listing.EXPIRED: (
            _("No expired passes."),
            _("Passes that ended stand here until they are deleted or replaced."),
        ),
    }[listing]


def asked(check: Check) -> str:
    """Return a check as a question about the person."""
    return {
        Check.ORGANISATION_ENABLED: _("Is the organisation enabled?"),
        Check.ACCOUNT_ENABLED: _("Is the account enabled?"),
        Check.SIGNS_IN_HERE: _("Does the person sign in here?"),
        Check.METHOD_ON: _("Is Temporary Access Pass turned on?"),
        Check.INCLUDED: _("Does the policy include the person?"),
        Check.NOT_EXCLUDED: _("Is the person free of every exclusion?"),
        Check.PASS_EXISTS: _("Is there a pass?"),
        Check.ISSUER_MAY: _("May its issuer still issue to this person?"),
        Check.USES_ALLOWED: _("Does the policy allow its kind of use?"),
        Check.NOT_USED_UP: _("Is it still unused, if it is for one sign-in?"),
        Check.NOT_LOCKED: _("Is it free of a lock?"),
        Check.STARTED: _("Has it started?"),
        Check.NOT_ENDED: _("Is it before its end?"),
        Check.HEARD: _("Are attempts heard at the moment?"),
    }[check]


def found(finding: Finding, case: Case) -> str:
    """Return the answer to a check, with the fact it rests on."""
    if finding.verdict is Verdict.OPEN:
        return _("There is no pass to ask this of.")
    words = _of_pass(finding, case) if finding.check in CHECKS_OF_PASS else _of_person(finding, case)
    return words[not finding.stops]


def _of_person(finding: Finding, case: Case) -> tuple[str, str]:
    """Return what is said where the check stops the person, and where it holds."""
    included, excluded = case.scope.included_by, case.scope.excluded_by
    return {
        Check.ORGANISATION_ENABLED: (_("The organisation is disabled."), _("It is enabled.")),
        Check.ACCOUNT_ENABLED: (_("The account is disabled. Nobody can sign in to it."), _("It is enabled.")),
        Check.SIGNS_IN_HERE: (
            _("A guest from another organisation signs in there, with a pass from there."),
            _("The account signs in here."),
        ),
        Check.METHOD_ON: (_("The Temporary Access Pass policy is off for everybody."), _("The policy is on.")),
        Check.INCLUDED: (_("The person isn't in a group the policy includes."), _line_said(included)),
        Check.NOT_EXCLUDED: (_excluded_said(excluded), _("No line of the exclude list reaches the person.")),
        Check.PASS_EXISTS: (_("The person has no pass, or it was deleted."), _("There is a pass.")),
        Check.HEARD: (_wait_said(case.wait), _("An attempt made now is heard.")),
    }[finding.check]


def _of_pass(finding: Finding, case: Case) -> tuple[str, str]:
    issued = case.issued
    assert issued is not None  # noqa: S101  without a pass the verdict is open
    used = when(issued.first_used_at) if issued.first_used_at else ""
    issuer = {"issuer": issued.issuer_name}
    return {
        Check.ISSUER_MAY: (
            _("The person is an administrator, and %(issuer)s may not issue to administrators.") % issuer,
            _("%(issuer)s may.") % issuer,
        ),
        Check.USES_ALLOWED: (
            _("It is for any number of sign-ins, and the policy now requires one-time use."),
            _("The policy allows it."),
        ),
        Check.NOT_USED_UP: (
            _("It was for one sign-in and was used on %(when)s.") % {"when": used},
            _("It is for one sign-in and unused.") if issued.is_usable_once else _("It is for any number of sign-ins."),
        ),
        Check.NOT_LOCKED: (_("It was entered wrongly too often. Only a new pass helps."), _("It is not locked.")),
        Check.STARTED: (
            _("It starts on %(when)s.") % {"when": when(issued.starts_at)},
            _("It started on %(when)s.") % {"when": when(issued.starts_at)},
        ),
        Check.NOT_ENDED: (
            _("It ended on %(when)s.") % {"when": when(issued.ends_at)},
            _("It ends on %(when)s.") % {"when": when(issued.ends_at)},
        ),
    }[finding.check]


def _wait_said(wait: Wait | None) -> str:
    if wait is None:
        return ""
    values = {"when": when(wait.until), "address": wait.address}
    if wait.is_shared:
        return (
            _(
                "Too many wrong attempts of several people from %(address)s: none from there is heard until %(when)s. "
                "A new pass does not end the wait, another network does."
            )
            % values
        )
    if wait.address:
        return (
            _(
                "Too many wrong attempts from %(address)s: none from there is heard until %(when)s. "
                "A new pass ends the wait."
            )
            % values
        )
    return _("Too many wrong attempts: none is heard until %(when)s. A new pass ends the wait.") % values


def reached_by(case: Case) -> str:
    """Return which part of the policy decides whether the person may use a pass."""
    if not case.policy.is_enabled:
        return _("The Temporary Access Pass policy is off for everybody.")
    if case.scope.excluded_by is not None:
        return _excluded_said(case.scope.excluded_by)
    if case.scope.included_by is None:
        return _("The person isn't in a group the policy includes.")
    return _line_said(case.scope.included_by)


def _excluded_said(line: Target | None) -> str:
    return _("Excluded. %(line)s") % {"line": _line_said(line)}


def _line_said(line: Target | None) -> str:
    if line is None or line.is_all_users:
        return _("Through the line All users.")
    if line.group_id is None:
        return _("Through a line that names the person.")
    return _("Through the group %(group)s.") % {"group": line.name}
