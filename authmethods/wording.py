"""The sentences about methods in the admin center."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import quote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.authority import Reason
from accounts.enums import DomainKind, MethodKind, PassPrompt, Role, TargetSide
from accounts.models import Domain, User
from accounts.targeting import Scope, Target
from authmethods.catalogue import Method
from authmethods.enums import AttestationProblem, PasskeyBlock, PolicyProblem
from authmethods.models import LONGEST_SNOOZE, Passkey
from authmethods.policy import Effect
from authmethods.rules import MOST_MODELS
from core.templatetags.ui.times import format_when, when
from core.text import Text
from tap.enums import Block, Usability
from tap.models import TemporaryAccessPass
from tap.rules import State

LONGEST_SHOWN = 60  # characters of what somebody looked for
SPELLING: Mapping[str, Text] = {
    "A": gettext_lazy("alfa"),
    "B": gettext_lazy("bravo"),
    "C": gettext_lazy("charlie"),
    "D": gettext_lazy("delta"),
    "E": gettext_lazy("echo"),
    "F": gettext_lazy("foxtrot"),
    "G": gettext_lazy("golf"),
    "H": gettext_lazy("hotel"),
    "J": gettext_lazy("juliett"),
    "K": gettext_lazy("kilo"),
    "L": gettext_lazy("lima"),
    "M": gettext_lazy("mike"),
    "N": gettext_lazy("november"),
    "P": gettext_lazy("papa"),
    "Q": gettext_lazy("quebec"),
    "R": gettext_lazy("romeo"),
    "S": gettext_lazy("sierra"),
    "T": gettext_lazy("tango"),
    "U": gettext_lazy("uniform"),
    "V": gettext_lazy("victor"),
    "W": gettext_lazy("whiskey"),
    "X": gettext_lazy("x-ray"),
    "Y": gettext_lazy("yankee"),
    "Z": gettext_lazy("zulu"),
    "2": gettext_lazy("two"),
    "3": gettext_lazy("three"),
    "4": gettext_lazy("four"),
    "5": gettext_lazy("five"),
    "6": gettext_lazy("six"),
    "7": gettext_lazy("seven"),
    "8": gettext_lazy("eight"),
    "9": gettext_lazy("nine"),
}


@dataclass(frozen=True)
class Notice:
    """Why somebody may look but not change: what is so, and what then."""

    title: str
    text: str
    can_confirm: bool = False


def everybody() -> str:
    """Return what a list of targets says that reaches everybody."""
    return _("All users")


def about_methods() -> dict[MethodKind, str]:
    """Return what each method is, in a line."""
    return {
        MethodKind.TEMPORARY_ACCESS_PASS: _("A passcode for a limited time, issued by an administrator."),
        MethodKind.FIDO2: _("On a phone, a computer or a security key. Resists phishing."),
        MethodKind.PASSWORD: _("Something only the person knows. A single factor."),
    }


def targets_in_short(targets: Collection[Target]) -> str:
    """Return a policy's lists in a line: "All users, except 1 group"."""
    included = [target for target in targets if target.side is TargetSide.INCLUDE]
    excluded = [target for target in targets if target.side is TargetSide.EXCLUDE]
    if not included:
        return _("Nobody")
    reached = everybody() if any(target.is_all_users for target in included) else _counted(included)
    if not excluded:
        return reached
    return _("%(included)s, except %(excluded)s") % {"included": reached, "excluded": _counted(excluded)}


def _counted(targets: Collection[Target]) -> str:
    groups = sum(target.group_id is not None for target in targets)
    users = len(targets) - groups
    parts = []
    if groups:
        parts.append(ngettext("%(count)s group", "%(count)s groups", groups) % {"count": groups})
    if users:
        parts.append(ngettext("%(count)s user", "%(count)s users", users) % {"count": users})
    return (
        _("%(groups)s and %(users)s") % dict(zip(("groups", "users"), parts, strict=True))
        if len(parts) > 1
        else parts[0]
    )


def outside_scope(person: User, scope: Scope) -> str:
    """Return why the policy does not reach a person."""
    if scope.excluded_by is not None:
        if scope.excluded_by.group_id is None:
            return _("The policy excludes %(name)s.") % {"name": person.given_name}
        return _("The policy excludes %(group)s, and %(name)s is a member.") % {
            "group": scope.excluded_by.name,
            "name": person.given_name,
        }
    return _("%(name)s isn't in a group the policy includes.") % {"name": person.given_name}


def pass_detail(issued: TemporaryAccessPass, state: State) -> str:
    """Return what a method list says of a pass, times as ``<time>``."""
    ends, starts = when(issued.ends_at), when(issued.starts_at)
    if state.usability is Usability.ONE_TIME_USED:
        return _used(issued)
    if state.usability is Usability.EXPIRED:
        return format_html(_("Ended {when}, never used"), when=ends) if not issued.use_count else _ended_used(issued)
    if state.usability is Usability.LOCKED:
        return _("Too many wrong attempts. Add a new pass.")
    if state.usability is Usability.NOT_YET_VALID:
        words = _("One-time · starts {starts} · ends {ends}")
        if not issued.is_usable_once:
            words = _("Multiple use · starts {starts} · ends {ends}")
        return format_html(words, starts=starts, ends=ends)
    if issued.is_usable_once:
        return format_html(_("One-time · ends {ends}"), ends=ends)
    if not issued.use_count or issued.last_used_at is None:
        return format_html(_("Multiple use · ends {ends}"), ends=ends)
    words = ngettext(
        "Multiple use · used once, {last} · ends {ends}",
        "Multiple use · used {count} times, last {last} · ends {ends}",
        issued.use_count,
    )
    return format_html(words, count=issued.use_count, last=when(issued.last_used_at), ends=ends)


def _used(issued: TemporaryAccessPass) -> str:
    words = _("Used {when} from {address}") if issued.last_used_from else _("Used {when}")
    return format_html(words, when=when(issued.first_used_at), address=issued.last_used_from)


def _ended_used(issued: TemporaryAccessPass) -> str:
    words = ngettext("Ended {when}, used once", "Ended {when}, used {count} times", issued.use_count)
    return format_html(words, when=when(issued.ends_at), count=issued.use_count)


def day(moment: datetime) -> str:
    """Return a day as ``<time>``, where the hour does not matter."""
    local = timezone.localtime(moment)
    shown = date_format(local, _("j M Y"))
    return format_html('<time class="bidi" datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


def passkey_detail(passkey: Passkey, model: str) -> str:
    """Return what a method list says of a passkey; that its model was proved, too."""
    if model and passkey.is_attested:
        model = _("%(model)s, attested") % {"model": model}
    named = passkey.name if not model or model == passkey.name else f"{passkey.name} ({model})"
    added = day(passkey.created_at)
    if passkey.last_used_at is None:
        return format_html(_("{name} · added {added} · never used"), name=named, added=added)
    words = _("{name} · added {added} · last used {used}")
    return format_html(words, name=named, added=added, used=day(passkey.last_used_at))


def passkey_reason(person: User, scope: Scope, block: PasskeyBlock) -> str:
    """Return which part of the policy stops a passkey, for the person's own page; nothing where none does."""
    if block in (PasskeyBlock.NOT_IN_SCOPE, PasskeyBlock.EXCLUDED):
        return outside_scope(person, scope)
    return str(block.label)


def passkey_pill(block: PasskeyBlock) -> tuple[str, str]:
    """Return a passkey's state as a word, and the kind of pill it gets."""
    if block is PasskeyBlock.NONE:
        return _("Usable"), "ok"
    return (_("Not in scope") if block is PasskeyBlock.NOT_IN_SCOPE else _("Disabled by policy")), "warn"


def no_passkey(block: PasskeyBlock) -> str:
    """Return what somebody is told who may not register a passkey, or this one; nothing where he may."""
    return {
        PasskeyBlock.NONE: "",
        PasskeyBlock.METHOD_OFF: _("Passkeys are turned off in your organisation. Ask your administrator."),
        PasskeyBlock.SELF_SERVICE_OFF: _("Your organisation sets up passkeys for you. Ask your administrator."),
        PasskeyBlock.MODEL_BLOCKED: _(
            "Your organisation doesn't allow this kind of passkey or security key. Use another."
        ),
        PasskeyBlock.MODEL_NOT_ALLOWED: _(
            "Your organisation allows only certain passkeys and security keys, and this is none of them. "
            "Ask your administrator which to use."
        ),
    }.get(block, _("Passkeys are not allowed for you at the moment. Ask your administrator."))


def not_attested(problem: AttestationProblem) -> str:
    """Return what somebody is told whose new passkey does not prove its model."""
    if problem is AttestationProblem.MODEL_REVOKED:
        return _("This model of security key is known to be unsafe. Use another one.")
    return _(
        "This passkey doesn't prove which model it is, and your organisation requires that. "
        "Use a security key that your administrator approved, and let the browser see its model when it asks."
    )


def passkey_policy_problem(problem: PolicyProblem) -> str:
    """Return what is wrong with a setting of the passkey policy or of the registration campaign."""
    return {
        PolicyProblem.NOT_AN_AAGUID: _(
            "An AAGUID has 32 digits and letters from a to f, such as 2fc0579f-8113-47ea-b116-bb5a8db9202a."
        ),
        PolicyProblem.MODEL_TWICE: _("This model is in the list already."),
        PolicyProblem.TOO_MANY_MODELS: _("The list holds up to %(most)s models. Remove some that you don't need.")
        % {"most": MOST_MODELS},
        PolicyProblem.NOTHING_ALLOWED: _("Nobody could sign in with a passkey. Add a model, or choose Block these."),
        PolicyProblem.NO_SUCH_ENFORCEMENT: _("Choose Allow only these or Block these."),
        PolicyProblem.SNOOZE_RANGE: _("Choose 0 to %(most)s days.") % {"most": LONGEST_SNOOZE},
    }[problem]


def stopped_passkeys(effect: Effect) -> str:
    """Return what a change of the passkey policy stops, in one sentence; nothing where it stops nothing."""
    if not effect.passkeys:
        return (
            _("Some registered passkeys may stop working: there are too many of them to count now.")
            if effect.is_capped
            else ""
        )
    words = ngettext(
        "%(count)s registered passkey stops working. People who are signed in with it stay signed in.",
        "%(count)s registered passkeys stop working. People who are signed in with them stay signed in.",
        effect.passkeys,
    )
    return words % {"count": f"{effect.passkeys}+" if effect.is_capped else effect.passkeys}


def password_detail(method: Method) -> str:
    """Return what a method list says of a password."""
    if method.password_ends_at is not None:
        return format_html(
            _("One-off, made by an administrator · works until {when}"), when=when(method.password_ends_at)
        )
    changed_at = method.password_changed_at
    return format_html(_("Changed {when}"), when=day(changed_at)) if changed_at else _("Set")


def one_off_pill(*, is_usable: bool) -> tuple[str, str]:
    """Return the state of a one-off password and its colour."""
    return (_("One-off"), "info") if is_usable else (_("Expired"), "")


def pass_reason(person: User, scope: Scope, state: State) -> str:
    """Return which part of the policy stops a pass, for the person's own page; nothing where none does."""
    if state.block is Block.NONE:
        return ""
    if state.block in (Block.NOT_IN_SCOPE, Block.EXCLUDED):
        return outside_scope(person, scope)
    return str(state.block.label)


def replaces(person: User, state: State) -> str:
    """Return what a new pass does to the one a person has; nothing where that is over anyway."""
    words = {
        Usability.ENABLED_BY_POLICY: _(
            "{name} already has an active pass. Adding a new one <b>replaces it</b>; the old code stops working at once."
        ),
        Usability.NOT_YET_VALID: _(
            "{name} already has a pass that waits for its start. Adding a new one <b>replaces it</b>."
        ),
        Usability.DISABLED_BY_POLICY: _(
            "{name} already has a pass, which the policy stops. Adding a new one <b>replaces it</b>."
        ),
    }.get(state.usability, "")
    return format_html(words, name=person.given_name) if words else ""


def starts(moment: datetime) -> str:
    """Return the pill of a pass that waits for its start."""
    return _("Starts %(when)s") % {"when": date_format(timezone.localtime(moment), _("j M, H:i"))}


def why_not_changed(reason: Reason, needed: Collection[Role]) -> Notice | None:
    """Return what a page says to somebody who may look at a person's methods but not change them."""
    if reason in (Reason.ALLOWED, Reason.SIGN_IN_NOT_FRESH):
        return None
    if reason is Reason.TARGET_IS_SELF:
        return Notice(_("You can't issue a pass to yourself."), _("Ask another administrator."))
    if reason.can_step_up:
        return Notice(_("You can't change methods in this sign-in."), str(reason.message), can_confirm=True)
    return Notice(_("You can't change methods of this person."), needs(reason, needed))


def needs(reason: Reason, needed: Collection[Role]) -> str:
    """Return why a role does not reach, and which ones would."""
    words = {
        Reason.TARGET_IS_ADMIN: _("They hold an administrator role. Needs: %(roles)s."),
        Reason.TARGET_IS_SELF: _("It is your own account. Ask another administrator."),
    }.get(reason, _("None of your roles allows it. Needs: %(roles)s."))
    *others, last = [str(role.label) for role in needed] or [""]
    roles = _("%(others)s or %(last)s") % {"others": ", ".join(others), "last": last} if others else last
    return words % {"roles": roles}


def nobody_found(query: str) -> str:
    """Return what the picker says where nobody matches."""
    return _("No users match “%(query)s”. Check the spelling.") % {"query": query[:LONGEST_SHOWN]}


def also_worth_knowing(person: User, domain: Domain | None) -> list[str]:
    """Return what stops nobody but explains what the person sees while signing in."""
    notes = []
    if domain is not None and domain.kind == DomainKind.FEDERATED:
        notes.append(
            _("%(domain)s is federated: with a usable pass the person signs in here and isn't sent to %(domain)s.")
            % {"domain": domain.name}
        )
    if person.tenant.pass_prompt == PassPrompt.NEVER:
        notes.append(
            _("The sign-in page never asks for a pass by itself. The person finds it under Other ways to sign in.")
        )
    return notes


def spelling(code: str) -> list[tuple[str, Text]]:
    """Return each symbol of a code with the word that names it on the phone."""
    return [(symbol, SPELLING[symbol]) for symbol in code]


def instructions_link(person: User, issued: TemporaryAccessPass, *, link: str, zone: tzinfo) -> str:
    """Return a mailto: address with what to do, and never the pass."""
    values = {
        "name": person.given_name,
        "link": link,
        "starts": format_when(issued.starts_at, zone),
        "ends": format_when(issued.ends_at, zone),
    }
    body = _(
        "Hello %(name)s,\n\n"
        "a Temporary Access Pass was made for you. It works from %(starts)s until %(ends)s.\n"
        "You get the pass itself from your service desk, not by mail.\n\n"
        "1. Open %(link)s\n"
        "2. Check that your user name is shown, then enter the pass.\n"
        "3. Choose Add a passkey and follow the steps.\n"
    )
    subject = _("Sign in with your Temporary Access Pass")
    return f"mailto:{quote(person.mail, safe='@')}?subject={quote(subject)}&body={quote(body % values)}"
