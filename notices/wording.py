"""What the mails say. Names stand in sentences, never a code; the times are in the reader's zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.activity import SETTINGS
from accounts.enums import Campaign, MethodKind, TargetSide
from core.http import public_link
from core.wording import OPERATOR, device, duration, when
from notices.enums import Kind
from notices.models import Notice
from notices.rules import one_line

Facts = Mapping[str, Any]
MOST_NAMES = 20


@dataclass(frozen=True)
class Letter:
    """A subject, and paragraphs."""

    subject: str
    paragraphs: list[str]


def letter_of(notice: Notice) -> Letter:
    """Return what a notice says, in the language and time zone that are active."""
    subject, paragraphs = WORDS[notice.what](_harmless(notice.facts))
    return Letter(subject, [text for text in paragraphs if text])


def _pass_issued(facts: Facts) -> tuple[str, list[str]]:
    values = {"by": _who(facts), "at": _when(facts["at"]), "starts": _when(facts["starts_at"])} | _ends(facts)
    made = _("%(by)s created a Temporary Access Pass for your account on %(at)s.") % values
    works = (
        _("It works from %(starts)s until %(ends)s, for one sign-in.")
        if facts["one_time"]
        else _("It works from %(starts)s until %(ends)s, for any number of sign-ins.")
    )
    replaced = _("Your earlier pass does not work any more.") if facts.get("replaces") else ""
    return _("A Temporary Access Pass was created for you"), [
        f"{made} {works % values} {replaced}".strip(),
        _("You get the pass itself from your service desk, not by mail. Then open %(link)s.") % {"link": _pass_link()},
    ]


def _pass_starts(facts: Facts) -> tuple[str, list[str]]:
    return _("Your Temporary Access Pass works from today"), [
        _("The pass for your account works from now until %(ends)s. %(by)s created it.")
        % ({"by": _who(facts)} | _ends(facts)),
        _("Have it at hand and open %(link)s. Then add a passkey.") % {"link": _pass_link()},
    ]


def _pass_used(facts: Facts) -> tuple[str, list[str]]:
    then = (
        _("Add a passkey within 10 minutes of signing in: the pass does not work a second time.")
        if facts["one_time"]
        else _("Add a passkey before the pass ends.")
    )
    return _("You signed in with a Temporary Access Pass"), [_where(facts), then]


def _pass_deleted(facts: Facts) -> tuple[str, list[str]]:
    text = (
        _("You deleted your Temporary Access Pass on %(at)s.")
        if facts["own"]
        else _("%(by)s deleted your Temporary Access Pass on %(at)s.")
    )
    ended = _("It does not work any more, and whatever was signed in with it is signed out.")
    return _("Your Temporary Access Pass was deleted"), [f"{text % _by(facts)} {ended}"]


def _pass_unused(facts: Facts) -> tuple[str, list[str]]:
    values = {"by": _who(facts)} | _ends(facts)
    return _("Your Temporary Access Pass ended unused"), [
        _("The pass that %(by)s created for your account ended on %(ends)s. Nobody signed in with it.") % values,
        _("If you still need one, ask your service desk."),
    ]


def _passes_unused(facts: Facts) -> tuple[str, list[str]]:
    names = [str(name) for name in facts["names"]]
    count = int(facts["count"])
    subject = (
        _("Temporary Access Pass for %(name)s ended unused") % {"name": names[0]}
        if count == 1
        else ngettext(
            "%(count)s Temporary Access Pass ended unused", "%(count)s Temporary Access Passes ended unused", count
        )
        % {"count": count}
    )
    whose = _("Nobody signed in with the pass you created for:")
    more = count - len(names)
    rest = ngettext("and %(count)s more person.", "and %(count)s more people.", more) % {"count": more} if more else ""
    return subject, [
        whose,
        "\n".join([*names, rest] if rest else names),
        _("Issue a new one where it is still needed: %(link)s") % {"link": public_link(reverse("tap:passes"))},
    ]


def _passkey_added(facts: Facts) -> tuple[str, list[str]]:
    text = _("The passkey “%(name)s” was added to your account.") % {"name": facts["name"]}
    return _("A passkey was added to your account"), [text, _where(facts)]


def _passkey_removed(facts: Facts) -> tuple[str, list[str]]:
    text = (
        _("You removed the passkey “%(name)s” from your account on %(at)s.")
        if facts["own"]
        else _("%(by)s removed the passkey “%(name)s” from your account on %(at)s.")
    )
    return _("A passkey was removed from your account"), [text % (_by(facts) | {"name": facts["name"]})]


def _password_set(facts: Facts) -> tuple[str, list[str]]:
    return _("The password of your account was set"), [_("A new password was set for your account."), _where(facts)]


def _password_reset(facts: Facts) -> tuple[str, list[str]]:
    text = _("%(by)s reset your password on %(at)s. Sessions you had started with the old one are signed out.")
    then = _(
        "You get the new one from whoever reset it, not by mail. It works once, until %(ends)s; then you choose your own."
    )
    return _("Your password was reset"), [text % _by(facts), then % {"ends": _when(facts["ends"])}]


def _reregistration(facts: Facts) -> tuple[str, list[str]]:
    return _("Your passkeys were removed"), [
        _("%(by)s removed all passkeys of your account on %(at)s and signed you out everywhere.") % _by(facts),
        _("Ask your service desk for a Temporary Access Pass to add new ones."),
    ]


def _policy_changed(facts: Facts) -> tuple[str, list[str]]:
    values = _by(facts)
    if facts["what"] == "notices":
        subject = _("Recipients of notices to administrators changed")
        text = _("%(by)s changed who gets these notices on %(at)s.")
    elif facts["what"] == Campaign.REGISTRATION:
        subject = _("Registration campaign changed")
        text = _("%(by)s changed the registration campaign on %(at)s.")
    else:
        method = {"method": str(MethodKind(facts["what"]).label)}
        subject = _("%(method)s policy changed") % method
        text = _("%(by)s changed the policy of the method %(method)s on %(at)s.")
        values |= method
    changes = [
        _("%(setting)s: %(old)s → %(new)s")
        % {"setting": SETTINGS.get(name, name), "old": _value(name, old), "new": _value(name, new)}
        for name, (old, new) in facts["changes"].items()
    ]
    lists = [_listed(*one) for one in facts.get("lists", [])]
    return subject, [text % values, "\n".join([*changes, *lists])]


def _wrong_passes(facts: Facts) -> tuple[str, list[str]]:
    count = int(facts["count"])
    tried = ngettext(
        "A wrong pass was entered %(count)s time for %(name)s (%(upn)s).",
        "A wrong pass was entered %(count)s times for %(name)s (%(upn)s).",
        count,
    ) % {"count": count, "name": facts["name"], "upn": facts["upn"]}
    locked = _("The pass is locked and does not work any more. Issue a new one.") if facts["locked"] else ""
    addresses = ", ".join(str(one) for one in facts["addresses"])
    return _("Repeated wrong passes for %(name)s") % {"name": facts["name"]}, [
        tried,
        locked,
        _("Tried from: %(addresses)s") % {"addresses": addresses} if addresses else "",
        _("Further attempts have to wait longer and longer."),
    ]


def _admin_pass(facts: Facts) -> tuple[str, list[str]]:
    values = _by(facts) | _ends(facts) | {"name": facts["name"], "upn": facts["upn"]}
    values["starts"] = _when(facts["starts_at"])
    return _("Temporary Access Pass on an administrator's account: %(name)s") % values, [
        _("%(by)s created a Temporary Access Pass for %(name)s (%(upn)s), who is an administrator, on %(at)s.")
        % values,
        _("It works from %(starts)s until %(ends)s. If nobody expected this, delete the pass at once.") % values,
    ]


def _reported(facts: Facts) -> tuple[str, list[str]]:
    values = {"name": facts["name"], "upn": facts["upn"], "at": _when(facts["at"])}
    about = _("The mail it was about: “%(subject)s”, of %(at)s.")
    about %= {"subject": Kind(facts["about"]).label, "at": _when(facts["told"])}
    ended = _("What could be ended is ended: the pass or method in question, what was added with it, and the sessions.")
    return _("%(name)s reported: “That was not me”") % values, [
        _("%(name)s (%(upn)s) reported on %(at)s, by the link in a mail, that it was somebody else.") % values,
        f"{about} {ended}",
        _("Speak with the person before you issue a new pass."),
    ]


WORDS: Mapping[Kind, Callable[[Facts], tuple[str, list[str]]]] = {
    Kind.PASS_ISSUED: _pass_issued,
    Kind.PASS_STARTS: _pass_starts,
    Kind.PASS_USED: _pass_used,
    Kind.PASS_DELETED: _pass_deleted,
    Kind.PASS_UNUSED: _pass_unused,
    Kind.PASSES_UNUSED: _passes_unused,
    Kind.PASSKEY_ADDED: _passkey_added,
    Kind.PASSKEY_REMOVED: _passkey_removed,
    Kind.PASSWORD_SET: _password_set,
    Kind.PASSWORD_RESET: _password_reset,
    Kind.REREGISTRATION: _reregistration,
    Kind.POLICY_CHANGED: _policy_changed,
    Kind.WRONG_PASSES: _wrong_passes,
    Kind.ADMIN_PASS: _admin_pass,
    Kind.REPORTED: _reported,
}


def _harmless(facts: Facts) -> Facts:
    """Return the facts with every text in one line, so that no name can pose as a paragraph of ours."""
    return {name: _flat(value) for name, value in facts.items()}


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return [_flat(one) for one in value]
    return one_line(value) if isinstance(value, str) else value


def _when(moment: str) -> str:
    return when(datetime.fromisoformat(moment))


def _ends(facts: Facts) -> dict[str, str]:
    return {"ends": _when(facts["ends_at"])}


def _by(facts: Facts) -> dict[str, str]:
    return {"by": _who(facts), "at": _when(facts["at"])}


def _who(facts: Facts) -> str:
    """Return who did it. The machine's operator has no name, so that nobody can take his."""
    return facts["by"] or str(OPERATOR)


def _where(facts: Facts) -> str:
    """Return when, from where and with what: the figures a person can tell a stranger by."""
    values = {"at": _when(facts["at"]), "address": facts["address"] or _("an unknown address")}
    if facts.get("user_agent"):
        return _("When: %(at)s. From: %(address)s, %(device)s.") % (values | {"device": device(facts["user_agent"])})
    return _("When: %(at)s. From: %(address)s.") % values


def _pass_link() -> str:
    return public_link(reverse("signin:tap_link"))


def _listed(change: str, side: str, names: list[str], count: int) -> str:
    """Return who came into one list of a policy, or left it; the name of everybody is empty."""
    texts = {
        ("added", TargetSide.INCLUDE): _("Added to the include list: %(names)s"),
        ("added", TargetSide.EXCLUDE): _("Added to the exclude list: %(names)s"),
        ("removed", TargetSide.INCLUDE): _("Removed from the include list: %(names)s"),
        ("removed", TargetSide.EXCLUDE): _("Removed from the exclude list: %(names)s"),
    }
    said = ", ".join(name or _("All users") for name in names)
    if more := count - len(names):
        said = ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more) % {
            "names": said,
            "count": more,
        }
    return texts[change, TargetSide(side)] % {"names": said}


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("On") if value else _("Off")
    if name == "enforcement":
        return _("Allow only these") if value == "allow" else _("Block these")
    if name.endswith("_lifetime") and isinstance(value, int):
        return duration(value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or _("None")
    return str(value)
