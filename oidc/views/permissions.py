"""What an application asks for, and who gave it what."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require_in_tenant
from accounts.enums import Act
from accounts.requests import SignedInRequest
from core.errors import NotFound
from oidc import actions, queries
from oidc.forms import PermissionForm
from oidc.views.registrations import ask, page_context, to_manage

AGREED_AT_MOST = 100
SHOWN = "oidc:registration_permissions"


@require_safe
def registration_permissions(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """List what one application asks for and was given."""
    return render(request, "oidc/registration_permissions.html", _page(request, application_id))


@require_http_methods(["GET", "HEAD", "POST"])
def add_permission(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Let an application ask for one more permission."""
    application = to_manage(request, application_id)
    form = PermissionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind, permission = form.chosen
        actions.request_permissions(request.actor, application=application, kind=kind, permissions=[permission])
        messages.success(request, _("Permission added. It counts once an administrator has given it."))
        return redirect(SHOWN, application_id=application_id)
    return render(request, "oidc/registration_permission_new.html", _page(request, application_id) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def remove_permission(request: SignedInRequest, application_id: UUID, permission_id: int) -> HttpResponse:
    """Take a permission away, after asking."""
    application = to_manage(request, application_id)
    if request.method == "POST":
        actions.remove_permission(request.actor, application=application, permission_id=permission_id)
        messages.success(request, _("Permission removed."))
        return redirect(SHOWN, application_id=application_id)
    page = _page(request, application_id)
    found = next((one for one in page["permissions"] if one.id == permission_id), None)
    if found is None:
        raise NotFound("permission")
    return ask(
        request,
        page,
        title=_("Remove %(permission)s?") % {"permission": found.name},
        text=_("If it had been given, every token the application has ends at once, and it has to get new ones."),
        verb=_("Remove"),
        back=SHOWN,
        opener=f"remove-{permission_id}",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def give_consent(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Give an application what it asks for, for everybody, after asking."""
    require_in_tenant(request.actor, Act.CONSENT_GRANT)
    page = _page(request, application_id)
    application = page["application"]
    if request.method == "POST":
        given = actions.consent_for_everybody(request.actor, application=application)
        said = ngettext("%(count)s permission given.", "%(count)s permissions given.", len(given))
        messages.success(request, said % {"count": len(given)})
        return redirect(SHOWN, application_id=application_id)
    text = _(
        "It may then do this in the name of anybody at %(tenant)s, and by itself what it asks for itself: %(what)s."
    )
    asked = ", ".join(one.name for one in page["permissions"] if one.consented_at is None)
    return ask(
        request,
        page,
        title=_("Give %(name)s these permissions?") % {"name": application.name},
        text=text % {"tenant": application.tenant.name, "what": asked},
        verb=_("Give permissions"),
        back=SHOWN,
        opener="give",
        kind="primary",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_consents(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Forget what people agreed to for themselves, after asking."""
    require_in_tenant(request.actor, Act.CONSENT_GRANT)
    page = _page(request, application_id)
    if request.method == "POST":
        people = actions.withdraw_consents(request.actor, application=page["application"])
        said = ngettext("Consent of %(count)s person withdrawn.", "Consent of %(count)s people withdrawn.", people)
        messages.success(request, said % {"count": people})
        return redirect(SHOWN, application_id=application_id)
    return ask(
        request,
        page,
        title=_("Withdraw what people agreed to?"),
        text=_("Every token the application has ends at once. People are asked again when they sign in to it."),
        verb=_("Withdraw"),
        back=SHOWN,
        opener="withdraw",
    )


def _page(request: SignedInRequest, application_id: UUID) -> dict[str, Any]:
    context = page_context(request, application_id, "permissions")
    permissions = queries.permissions_of(context["application"])
    return context | {
        "permissions": permissions,
        "has_open": any(one.consented_at is None for one in permissions),
        "agreed": queries.people_who_agreed(context["application"], limit=AGREED_AT_MOST),
        "most": AGREED_AT_MOST,
    }
