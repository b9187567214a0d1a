"""Groups: new, changed, deleted; people and groups put into them and taken out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import ReachedGroup, reach_group, require_in_tenant
from accounts.enums import Act
from accounts.models import Group
from accounts.requests import SignedInRequest
from accounts.views.groups import group_page, groups_page
from core.errors import Conflict, Invalid
from directory import actions, queries
from directory.forms import GroupForm
from directory.views.over import Panel, Question, confirming, panel, picked, principal, question, words_of
from directory.views.picking import found

PAGE = "accounts/group.html"


@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: SignedInRequest) -> HttpResponse:
    """Make a group."""
    is_sent = request.method == "POST"
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW if is_sent else Act.GROUPS_MANAGE)
    form = GroupForm(request.POST if is_sent else None, stored={}, typed=request.GET.dict())

    def do() -> str:
        made = actions.create_group(request.actor, **form.cleaned_data)
        messages.success(request, _("Group created. Add people or other groups to it."))
        return reverse("directory:add_member", args=[made.id])

    shown = Panel(
        title=_("New group"),
        verb=_("Create"),
        not_done=_("Group not created."),
        under="accounts/groups.html",
        page=groups_page(request),
        close_url=f"{reverse('accounts:groups')}#new",
    )
    return panel(request, shown, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_group(request: SignedInRequest, group_id: UUID) -> HttpResponse:
    """Change a group's name or description."""
    is_sent = request.method == "POST"
    reached = reach_group(request.actor, group_id, Act.DIRECTORY_VIEW if is_sent else Act.GROUPS_MANAGE)
    stored = {"name": reached.group.name, "description": reached.group.description}
    form = GroupForm(request.POST if is_sent else None, stored=stored, typed=request.GET.dict())

    def do() -> str:
        actions.update_group(request.actor, target=reached, changes=form.changes)
        messages.success(request, _("Group saved."))
        return reverse("accounts:group", args=[group_id])

    shown = Panel(
        title=_("Edit group"),
        caption=reached.group.name,
        verb=_("Save"),
        not_done=_("Group not saved."),
        under=PAGE,
        page=group_page(request, reached),
        close_url=f"{reverse('accounts:group', args=[group_id])}#edit",
    )
    return panel(request, shown, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def delete_group(request: SignedInRequest, group_id: UUID) -> HttpResponse:
    """Delete a group; what stands on it is shown first."""
    reached = reach_group(request.actor, group_id, Act.GROUPS_MANAGE)

    def do() -> str:
        actions.delete_group(request.actor, target=reached)
        return reverse("accounts:groups")

    def ask() -> Question:
        page = group_page(request, reached)
        return Question(
            title=_("Delete this group?"),
            text=_("Its members stay, but are no longer in “%(name)s”. A deleted group can't be restored.")
            % {"name": reached.group.name},
            verb=_("Delete"),
            warnings=_lost_with(reached, page["page"].parents),
            under=PAGE,
            page=page,
            close_url=f"{reverse('accounts:group', args=[group_id])}#delete",
        )

    return question(request, ask, do, _("Group deleted."))


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def add_member(request: SignedInRequest, group_id: UUID) -> HttpResponse:
    """Put people and groups into a group, one after the other."""
    is_sent = request.method == "POST"
    reached = reach_group(request.actor, group_id, Act.DIRECTORY_VIEW if is_sent else Act.GROUPS_MANAGE)
    refused, status = "", 200
    if is_sent:
        try:
            member = picked(request.actor, request.POST.get("member", ""))
            actions.add_member(request.actor, target=reached, member=member)
            name = member.group.name if isinstance(member, ReachedGroup) else member.user.display_name
            messages.success(request, _("%(name)s was added.") % {"name": name})
            return redirect(request.path)
        except (Conflict, Invalid) as error:
            refused, status = words_of(error), error.status
    context: dict[str, Any] = (
        group_page(request, reached)
        | found(request)
        | {
            "under": PAGE,
            "refused": refused,
            "close_url": f"{reverse('accounts:group', args=[group_id])}#add",
        }
    )
    return render(request, "directory/members_panel.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def remove_member(request: SignedInRequest, group_id: UUID, kind: str, principal_id: UUID) -> HttpResponse:
    """Take somebody out of a group."""
    reached = reach_group(request.actor, group_id, Act.GROUPS_MANAGE)
    name = queries.member_name(reached.group, kind, principal_id)
    values = {"name": name, "group": reached.group.name}

    def do() -> str:
        member = principal(request.actor, kind, principal_id)
        actions.remove_member(request.actor, target=reached, member=member)
        return reverse("accounts:group", args=[group_id])

    def ask() -> Question:
        return Question(
            title=_("Remove this member?"),
            text=_("Policies and roles given to “%(group)s” no longer reach %(name)s through it.") % values,
            verb=_("Remove"),
            under=PAGE,
            page=group_page(request, reached),
            close_url=f"{reverse('accounts:group', args=[group_id])}#remove-{principal_id}",
        )

    return question(request, ask, do, _("%(name)s was removed.") % values)


def _lost_with(reached: ReachedGroup, parents: Sequence[Group]) -> list[str]:
    lost = queries.dependants_of(reached.group, parents=parents)
    said = []
    if lost.roles:
        roles = ", ".join(str(role.label) for role in lost.roles)
        said.append(_("Its members lose the role that it gives: %(roles)s.") % {"roles": roles})
    if lost.policies:
        methods = ", ".join(str(method.label) for method in lost.policies)
        said.append(_("It disappears from the lists of these policies: %(methods)s.") % {"methods": methods})
    if lost.parents:
        groups = ", ".join(group.name for group in lost.parents)
        said.append(_("It is a member of these groups: %(groups)s.") % {"groups": groups})
    return said
