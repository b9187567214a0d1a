"""How the directory's rules and changes are told."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.text import Text
from directory import rules
from directory.rules import Problem

LONGEST = {
    "display_name": rules.LONGEST_NAME,
    "mail": rules.LONGEST_MAIL,
    "time_zone": 64,
    "groups": rules.LONGEST_NAME,
    "name": rules.LONGEST_NAME,
    "description": rules.LONGEST_DESCRIPTION,
    "service_desk": rules.LONGEST_SERVICE_DESK,
}


def problem_message(name: str, problem: Problem) -> str:
    """Say what is wrong with the field called ``name``, and what would do."""
    if problem is Problem.EMPTY:
        return _("Enter a user name.") if name == "upn" else _("Enter a name.")
    if problem is Problem.TOO_LONG:
        return _too_long(name)
    if problem is Problem.MINUTES:
        least, most = rules.MINUTES[name]
        return _("Enter a whole number of minutes from %(least)s to %(most)s.") % {"least": least, "most": most}
    return {
        Problem.NOT_PLAIN: _("This holds signs that can't be shown. Type it again on one line."),
        Problem.NO_DOMAIN: _("A user name looks like name@domain. Add the part that is missing."),
        Problem.LOCAL_PART: _(
            "Before the @, use letters from a to z, digits, and ! # ' ^ _ ~ - or single dots between them."
        ),
        Problem.FOREIGN_DOMAIN: _("Choose a verified domain of your organisation."),
        Problem.MAIL: _("A mail address looks like name@domain. Check what you typed."),
        Problem.KIND: _("Choose Member or Guest with an account here."),
        Problem.LANGUAGE: _("Choose one of the languages offered."),
        Problem.TIME_ZONE: _("There is no time zone of this name. Choose one such as Europe/Berlin."),
        Problem.DOMAIN_NAME: _("A domain looks like example.com: letters from a to z, digits and hyphens, with a dot."),
        Problem.FORMULA: _("This looks like a formula of a spreadsheet. Type the text that is meant."),
        Problem.CELLS: _(
            "This line has more cells than there are columns. Text with the sign that separates cells needs quotation marks."
        ),
        Problem.TWICE: _("This user name stands in the file before."),
        Problem.TAKEN: upn_taken(),
        Problem.GROUP_UNKNOWN: _("There is no group of this name. Names are separated by semicolons."),
        Problem.GROUP_DENIED: _("This group gives an administrator role, and you may not manage it."),
    }[problem]


def invalid(problems: Mapping[str, Problem]) -> Invalid:
    """Return the error that names every field with a problem."""
    messages: dict[str, Text] = {name: problem_message(name, problem) for name, problem in problems.items()}
    return Invalid(next(iter(problems.values())).value, fields=messages)


def no_columns() -> str:
    """Say what a file for an import must look like."""
    return _(
        "The file has no people. Its first line must name the columns displayName and userPrincipalName, "
        "and may name mail, userType, groups and timeZone."
    )


def author_may_not() -> str:
    """Say to the author of an import why it does not go on."""
    return _("Your sign-in was ended, or you may not create users any more.")


def upn_taken() -> str:
    """Say that somebody has the user name."""
    return _("Someone has this user name already. Choose another one.")


def last_administrator() -> str:
    """Say why nobody may take this away."""
    return _(
        "This would leave the organisation without a Global Administrator who can sign in. "
        "Give the role to somebody else first."
    )


def _too_long(name: str) -> str:
    if name == "upn":
        return _("Use up to %(local)s characters before the @, and up to %(all)s in all.") % {
            "local": rules.LONGEST_LOCAL,
            "all": rules.LONGEST_UPN,
        }
    return _("Use up to %(most)s characters.") % {"most": LONGEST[name]}
