"""A person's sign-in methods: what works and what does not and why, and taking methods away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import actions as accounts
from accounts.access import ConfirmationNeeded, Reached, Refused, reach
from accounts.authority import holders_of
from accounts.enums import Act, MethodKind, UserKind
from accounts.requests import SignedInRequest, confirm_url
from accounts.targeting import Scope
from accounts.views.users import person_context
from authmethods import actions, wording
from authmethods.catalogue import Method, Methods, methods_of, people
from core import clock
from core.errors import NotFound
from tap import actions as tap
from tap import wording as tap_wording
from tap.enums import Usability
from tap.models import TemporaryAccessPass
from tap.rules import State

SHOWN = "authmethods:user_methods"
PAGE = "authmethods/center/user_methods.html"
ICONS = {MethodKind.TEMPORARY_ACCESS_PASS: "ticket", MethodKind.FIDO2: "passkey", MethodKind.PASSWORD: "password"}


@dataclass(frozen=True)
class Question:
    """What is asked before a method or session goes. ``opener``: the id of the link that asked."""

    title: str
    text: str
    verb: str
    opener: str


@require_safe
def user_methods(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Show the methods of one person."""
    try:
        reached = reach(request.actor, user_id, Act.METHODS_VIEW, people=people())
    except Refused as refused:
        return _not_shown(request, user_id, refused)
    page = methods_page(reached)
    held = page["methods"].temporary_access_pass
    if held is not None:
        tap.view(request.actor, target=reached, issued=held.issued)
    return render(request, PAGE, page)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_pass(request: SignedInRequest, user_id: UUID, pass_id: UUID) -> HttpResponse:
    """Delete a person's pass."""

    def ask(reached: Reached, page: dict[str, Any]) -> Question:
        _require_listed(pass_id, [row["method"].issued for row in page["rows"]], "pass")
        text = _("%(name)s can't sign in with it any more and is signed out of sessions started with it.")
        values = {"name": reached.user.given_name}
        return Question(_("Delete Temporary Access Pass?"), text % values, _("Delete"), f"delete-{pass_id}")

    def do(reached: Reached) -> str:
        tap.delete(request.actor, target=reached, pass_id=pass_id)
        return _("Temporary Access Pass deleted.")

    return _confirmed(request, user_id, Act.PASS_DELETE, ask=ask, do=do)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_passkey(request: SignedInRequest, user_id: UUID, passkey_id: UUID) -> HttpResponse:
    """Delete one passkey of a person."""

    def ask(reached: Reached, page: dict[str, Any]) -> Question:
        passkey = _require_listed(passkey_id, [row["method"].passkey for row in page["rows"]], "passkey")
        text = _("%(name)s can't sign in with “%(passkey)s” any more and is signed out of sessions started with it.")
        values = {"name": reached.user.given_name, "passkey": passkey.name}
        return Question(_("Delete passkey?"), text % values, _("Delete"), f"delete-{passkey_id}")

    def do(reached: Reached) -> str:
        actions.remove_passkey_of(request.actor, target=reached, passkey_id=passkey_id)
        return _("Passkey deleted.")

    return _confirmed(request, user_id, Act.METHODS_DELETE, ask=ask, do=do)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_sessions(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """End every session of a person."""

    def ask(reached: Reached, page: dict[str, Any]) -> Question:
        text = _("%(name)s is signed out everywhere at once and has to sign in again. No sign-in method is changed.")
        values = {"name": reached.user.given_name}
        return Question(_("Revoke sessions?"), text % values, _("Revoke sessions"), "revoke-sessions")

    def do(reached: Reached) -> str:
        ended = accounts.revoke_sessions(request.actor, target=reached)
        said = ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended) % {"count": ended}
        return said if ended else _("There was no session left to end.")

    return _confirmed(request, user_id, Act.SESSIONS_REVOKE, ask=ask, do=do)


@require_http_methods(["GET", "HEAD", "POST"])
def require_reregistration(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Delete every passkey of a person and end every session."""

    def ask(reached: Reached, page: dict[str, Any]) -> Question:
        count = sum(row["method"].passkey is not None for row in page["rows"])
        gone = ngettext(
            "%(count)s passkey of %(name)s is deleted.", "%(count)s passkeys of %(name)s are deleted.", count
        )
        text = _(
            "%(gone)s %(name)s is signed out everywhere. A password and a Temporary Access Pass stay as they are. "
            "Afterwards, add a pass, so that %(name)s can sign in and register again."
        )
        name = reached.user.given_name
        values = {"gone": gone % {"count": count, "name": name}, "name": name}
        return Question(_("Require re-registration?"), text % values, _("Require re-register"), "re-register")

    def do(reached: Reached) -> str:
        count = actions.require_reregistration(request.actor, target=reached)
        said = ngettext("%(count)s passkey deleted.", "%(count)s passkeys deleted.", count) % {"count": count}
        advice = _("Add a Temporary Access Pass so that %(name)s can register again.")
        return f"{said} {advice % {'name': reached.user.given_name}}"

    return _confirmed(request, user_id, Act.METHODS_DELETE, ask=ask, do=do)


def methods_page(reached: Reached) -> dict[str, Any]:
    """Return what the page shows; panels and dialogs are drawn over it."""
    person = reached.user
    methods = methods_of(person, now=clock.now(), roles=reached.roles)
    policy, is_external = methods.policy, person.kind == UserKind.EXTERNAL_GUEST
    may_view_sessions, may_view_policy = reached.may(Act.SESSIONS_VIEW), reached.may(Act.POLICY_VIEW)
    rows = [_row(reached, methods, method) for method in methods.methods]
    reason = reached.decide(Act.PASS_ISSUE).reason
    return person_context(reached, "methods") | {
        "methods": methods,
        "rows": rows,
        "usable": [row for row in rows if row["method"].is_usable],
        "not_usable": [row for row in rows if not row["method"].is_usable],
        "policy": policy,
        "scope": methods.scope,
        "outside": "" if methods.scope.is_in or is_external else wording.outside_scope(person, methods.scope),
        "may_issue": reached.may(Act.PASS_ISSUE),
        "may_ask_why": reached.may(Act.PASS_VIEW),
        "may_reregister": reached.may(Act.METHODS_DELETE),
        "may_reset_password": reached.may(Act.PASSWORD_RESET)
        and any(one.kind is MethodKind.PASSWORD for one in methods.methods),
        "may_revoke": reached.may(Act.SESSIONS_REVOKE),
        "may_view_policy": may_view_policy,
        "show_policy_link": may_view_policy and not is_external and not (methods.scope.is_in and policy.is_enabled),
        "is_external": is_external,
        "may_view_sessions": may_view_sessions,
        "last_sign_in_with": MethodKind(person.last_sign_in_with).label if person.last_sign_in_at else "",  # type: ignore[attr-defined]
        "notice": wording.why_not_changed(reason, holders_of(Act.PASS_ISSUE, reached.standing)),
        "confirm_url": confirm_url(reverse(SHOWN, args=[person.id])),
    }


def _row(reached: Reached, methods: Methods, method: Method) -> dict[str, Any]:
    row: dict[str, Any] = {"method": method, "icon": ICONS[method.kind], "pill": (_("Usable"), "ok")}
    if method.issued is not None and method.state is not None:
        return row | _pass_row(reached, methods.scope, method.issued, method.state)
    if method.passkey is not None:
        row |= {
            "id": method.passkey.id,
            "detail": wording.passkey_detail(method.passkey, method.model),
            "pill": wording.passkey_pill(method.block),
            "why": wording.passkey_reason(reached.user, methods.passkey_ruling.scope, method.block),
            "policy_url": reverse("authmethods:passkey_policy_target"),
        }
        if reached.may(Act.METHODS_DELETE):
            row["delete_url"] = reverse("authmethods:delete_passkey_of", args=[reached.user.id, method.passkey.id])
    else:
        row["detail"] = wording.password_detail(method)
        if method.password_ends_at is not None:
            row["pill"] = wording.one_off_pill(is_usable=method.is_usable)
    return row


def _pass_row(reached: Reached, scope: Scope, issued: TemporaryAccessPass, state: State) -> dict[str, Any]:
    waits = state.usability is Usability.NOT_YET_VALID
    row = {
        "id": issued.id,
        "pill": (wording.starts(issued.starts_at), "info") if waits else tap_wording.pill(state),
        "detail": wording.pass_detail(issued, state),
        "why": wording.pass_reason(reached.user, scope, state),
        "policy_url": reverse("tap:policy_target"),
        "ends_at": issued.ends_at if state.is_usable else None,
    }
    if reached.may(Act.PASS_DELETE):
        row["delete_url"] = reverse("authmethods:delete_pass_of", args=[reached.user.id, issued.id])
    return row


def _require_listed(wanted: UUID, listed: list[Any], what: str) -> Any:
    for one in listed:
        if one is not None and one.id == wanted:
            return one
    raise NotFound(what, _("This method was deleted or replaced already."))


def _confirmed(
    request: SignedInRequest,
    user_id: UUID,
    act: Act,
    *,
    ask: Callable[[Reached, dict[str, Any]], Question],
    do: Callable[[Reached], str],
) -> HttpResponse:
    """Ask first, over the page it belongs to; do it when the answer comes."""
    try:
        reached = reach(request.actor, user_id, act, people=people())
        if request.method == "POST":
            messages.success(request, do(reached))
            return redirect(SHOWN, user_id=user_id)
    except ConfirmationNeeded:
        return redirect(confirm_url(request.path))
    page = methods_page(reached)
    question = ask(reached, page)
    close_url = f"{reverse(SHOWN, args=[user_id])}#{question.opener}"
    return render(
        request,
        "authmethods/center/confirm.html",
        page | {"question": question, "action": request.path, "close_url": close_url},
    )


def _not_shown(request: SignedInRequest, user_id: UUID, refused: Refused) -> HttpResponse:
    """Show whose page it is, and why there is nothing on it for the caller."""
    reached = reach(request.actor, user_id, Act.DIRECTORY_VIEW)
    context = person_context(reached, "methods") | {"needs": wording.needs(refused.reason, refused.needed)}
    return render(request, "authmethods/center/methods_refused.html", context, status=refused.status)
