"""People: new, changed, disabled, deleted, restored."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Reached, reach, reach_deleted, require_in_tenant
from accounts.enums import Act
from accounts.requests import SignedInRequest
from accounts.views.users import overview_of, users_page
from core import clock
from directory import actions, queries, rules
from directory.forms import RestoreForm, UserForm
from directory.views.over import Panel, Question, confirming, panel, question

PERSON, LIST, DELETED = "accounts/user.html", "accounts/users.html", "directory/deleted_users.html"


@require_http_methods(["GET", "HEAD", "POST"])
def new_user(request: SignedInRequest) -> HttpResponse:
    """Make an account."""
    is_sent = request.method == "POST"
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW if is_sent else Act.USERS_CREATE)
    form = UserForm(request.POST if is_sent else None, typed=request.GET.dict())

    def do() -> str:
        made = actions.create_user(request.actor, profile=form.profile)
        text = _("User created. Issue a Temporary Access Pass, so that %(name)s can sign in and register a passkey.")
        messages.success(request, text % {"name": made.given_name})
        return reverse("authmethods:user_methods", args=[made.id])

    shown = Panel(
        title=_("New user"),
        verb=_("Create"),
        not_done=_("User not created."),
        under=LIST,
        page=users_page(request),
        close_url=f"{reverse('accounts:users')}#new",
        more={"upn_help": _upn_help(request)},
    )
    return panel(request, shown, form, do, template="directory/user_panel.html")


@require_http_methods(["GET", "HEAD", "POST"])
def edit_user(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Change what an account says."""
    is_sent = request.method == "POST"
    reached = reach(request.actor, user_id, Act.DIRECTORY_VIEW if is_sent else Act.USERS_UPDATE)
    person = reached.user
    form = UserForm(request.POST if is_sent else None, typed=request.GET.dict(), person=person)

    def do() -> str:
        actions.update_user(request.actor, target=reached, changes=form.changes)
        messages.success(request, _("User saved."))
        return reverse("accounts:user", args=[user_id])

    shown = Panel(
        title=_("Edit user"),
        caption=person.upn,
        verb=_("Save"),
        not_done=_("User not saved."),
        under=PERSON,
        page=overview_of(reached),
        close_url=f"{reverse('accounts:user', args=[user_id])}#edit",
        more={"upn_help": _upn_help(request)},
    )
    return panel(request, shown, form, do, template="directory/user_panel.html")


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def disable_user(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Let somebody sign in no more."""
    text = _(
        "%(name)s is signed out everywhere at once and can't sign in any more. A Temporary Access Pass ends for good; "
        "other methods work again once you enable the account."
    )
    return _switch(request, user_id, is_enabled=False, title=_("Disable this account?"), text=text)


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def enable_user(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Let somebody sign in again."""
    text = _("%(name)s can sign in again with the methods that are registered.")
    return _switch(request, user_id, is_enabled=True, title=_("Enable this account?"), text=text)


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def delete_user(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Delete somebody, restorable for a while."""
    reached = reach(request.actor, user_id, Act.USERS_DELETE)
    text = _(
        "%(name)s is signed out everywhere at once and can't sign in any more. You can restore the account for 30 days, "
        "with its groups, roles and methods, but not its Temporary Access Pass."
    )

    def do() -> str:
        actions.delete_user(request.actor, target=reached)
        return reverse("accounts:users")

    def ask() -> Question:
        return _about(reached, title=_("Delete this user?"), text=text, verb=_("Delete"), opener="delete")

    return question(request, ask, do, _("User deleted. You can restore the account for 30 days."))


@require_safe
def deleted_users(request: SignedInRequest) -> HttpResponse:
    """List the people who can still be restored."""
    require_in_tenant(request.actor, Act.USERS_RESTORE)
    return render(request, DELETED, _deleted_page(request))


@require_http_methods(["GET", "HEAD", "POST"])
def restore_user(request: SignedInRequest, deleted_id: UUID) -> HttpResponse:
    """Bring a deleted person back, under another user name if need be."""
    reached = reach_deleted(request.actor, deleted_id, Act.USERS_RESTORE)
    person = reached.user
    form = RestoreForm(request.POST if request.method == "POST" else None, initial={"upn": person.upn})

    def do() -> str:
        actions.restore_user(request.actor, target=reached, upn=form.cleaned_data["upn"])
        messages.success(request, _("User restored."))
        return reverse("accounts:user", args=[person.id])

    shown = Panel(
        title=_("Restore user"),
        caption=person.display_name,
        verb=_("Restore"),
        not_done=_("User not restored."),
        under=DELETED,
        page=_deleted_page(request),
        close_url=f"{reverse('directory:deleted_users')}#restore-{person.id}",
    )
    return panel(request, shown, form, do, template="directory/restore_panel.html")


def _switch(request: SignedInRequest, user_id: UUID, *, is_enabled: bool, title: str, text: str) -> HttpResponse:
    reached = reach(request.actor, user_id, Act.USERS_DISABLE)

    def do() -> str:
        actions.set_enabled(request.actor, target=reached, is_enabled=is_enabled)
        return reverse("accounts:user", args=[user_id])

    def ask() -> Question:
        verb, opener = (_("Enable"), "enable") if is_enabled else (_("Disable"), "disable")
        return _about(reached, title=title, text=text, verb=verb, opener=opener)

    return question(request, ask, do, _("Account enabled.") if is_enabled else _("Account disabled."))


def _about(reached: Reached, *, title: str, text: str, verb: str, opener: str) -> Question:
    return Question(
        title=title,
        text=text % {"name": reached.user.display_name},
        verb=verb,
        kind="primary" if opener == "enable" else "danger",
        under=PERSON,
        page=overview_of(reached),
        close_url=f"{reverse('accounts:user', args=[reached.user.id])}#{opener}",
    )


def _deleted_page(request: SignedInRequest) -> dict[str, Any]:
    page = queries.deleted_users(request.user.tenant_id, now=clock.now(), cursor=request.GET.get("page", ""))
    rows = [(person, rules.restorable_until(person.deleted_at)) for person in page.rows if person.deleted_at]
    return {"nav": "users", "page": page, "rows": rows}


def _upn_help(request: SignedInRequest) -> str:
    domains = ", ".join(f"@{name}" for name in queries.verified_domains(request.user.tenant_id))
    return _("Ends in %(domains)s.") % {"domains": domains}
