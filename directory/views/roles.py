"""Roles given and taken. Who is chosen is asked about first, with the passes that would end."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import queries
from accounts.access import Reached, ReachedGroup, require_in_tenant
from accounts.enums import Act, Role
from accounts.memberships import members_of
from accounts.requests import SignedInRequest
from accounts.views.roles import role_page
from core import clock
from directory import actions
from directory.views.over import Question, confirming, picked, principal, question
from directory.views.picking import found
from tap.queries import endangered

PAGE = "accounts/role.html"


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def assign_role(request: SignedInRequest, role_id: UUID) -> HttpResponse:
    """Choose a person or group, then be asked, then give the role."""
    role = queries.role_named(role_id)
    require_in_tenant(request.actor, Act.ROLES_ASSIGN)
    sent = request.POST if request.method == "POST" else request.GET
    if not sent.get("holder"):
        close_url = f"{reverse('accounts:role', args=[role_id])}#assign"
        context = role_page(request, role) | found(request) | {"under": PAGE, "close_url": close_url}
        return render(request, "directory/assign_panel.html", context)
    target = picked(request.actor, sent["holder"])

    def do() -> str:
        actions.assign_role(request.actor, role=role, target=target)
        return reverse("accounts:role", args=[role_id])

    def ask() -> Question:
        return _question(request, role, target, sent["holder"])

    target.require(Act.ROLES_ASSIGN)
    return question(request, ask, do, _("Role assigned. It applies at once."))


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def remove_role(request: SignedInRequest, role_id: UUID, kind: str, principal_id: UUID) -> HttpResponse:
    """Take a role from a person or a group."""
    role = queries.role_named(role_id)
    target = principal(request.actor, kind, principal_id, Act.ROLES_ASSIGN)

    def do() -> str:
        actions.remove_role(request.actor, role=role, target=target)
        return reverse("accounts:role", args=[role_id])

    def ask() -> Question:
        return Question(
            title=_("Remove this role?"),
            text=_("%(name)s is no longer %(role)s. This applies at once.")
            % {"name": _name_of(target), "role": role.label},
            verb=_("Remove"),
            under=PAGE,
            page=role_page(request, role),
            close_url=f"{reverse('accounts:role', args=[role_id])}#remove-{principal_id}",
        )

    return question(request, ask, do, _("Role removed."))


def _question(request: SignedInRequest, role: Role, target: Reached | ReachedGroup, key: str) -> Question:
    if isinstance(target, ReachedGroup):
        text, people = _("Every member of “%(name)s” becomes %(role)s at once."), members_of(target.group.id)
        doomed = endangered(target.group.tenant_id, people, now=clock.now())
    else:
        text = _("%(name)s becomes %(role)s at once.")
        doomed = endangered(target.user.tenant_id, [target.user.id], now=clock.now())
    warning = ngettext(
        "%(count)s Temporary Access Pass ends, because its issuer may not issue to administrators: that of %(names)s.",
        "%(count)s Temporary Access Passes end, because their issuers may not issue to administrators: those of %(names)s.",
        len(doomed),
    )
    names = ", ".join(issued.user.display_name for issued in doomed[:10])
    return Question(
        title=_("Assign this role?"),
        text=text % {"name": _name_of(target), "role": role.label},
        verb=_("Assign"),
        kind="primary",
        fields={"holder": key},
        warnings=[warning % {"count": len(doomed), "names": names}] if doomed else [],
        under=PAGE,
        page=role_page(request, role),
        close_url=f"{reverse('accounts:role', args=[role.value])}#assign",
    )


def _name_of(target: Reached | ReachedGroup) -> str:
    return target.group.name if isinstance(target, ReachedGroup) else target.user.display_name
