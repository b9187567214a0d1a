"""The sentences about passes: what is wrong with one, and what a person at the sign-in may be told."""

from django.utils.translation import gettext as _

from core.wording import duration, when
from tap.enums import Block, Usability
from tap.models import LONGEST_CODE, LONGEST_LIFETIME, SHORTEST_CODE, SHORTEST_LIFETIME, TapPolicy, TemporaryAccessPass
from tap.rules import PassProblem, PolicyProblem, State


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
        return _("Default lifetime must be between the minimum (%(minimum)s) and the maximum (%(maximum)s).") % values
    return {
        "minimum_lifetime": _("Minimum lifetime must be from %(least)s to %(most)s."),
        "maximum_lifetime": _("Maximum lifetime must be from %(least)s to %(most)s."),
        "default_lifetime": _("Default lifetime must be from %(least)s to %(most)s."),
        "default_length": _("Length must be a whole number from %(shortest)s to %(longest)s."),
    }[field] % values


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
