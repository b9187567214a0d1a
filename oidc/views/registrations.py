"""App registrations in the admin center: the list, a new one, and what one is."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require_in_tenant
from accounts.authority import reach_of
from accounts.enums import Act, Standing
from accounts.requests import SignedInRequest
from core.errors import Invalid
from core.paging import page_of
from oidc import actions, queries
from oidc.forms import AddressesForm, RegisterForm
from oidc.models import Application
from oidc.tokens import issuer_of

ORDER = ("name", "id")


@require_safe
def registrations(request: SignedInRequest) -> HttpResponse:
    """List the applications of the tenant."""
    require_in_tenant(request.actor, Act.APPLICATIONS_VIEW)
    page = page_of(queries.applications_of(request.actor), order=ORDER, cursor=request.GET.get("page", ""))
    context = {"nav": "applications", "page": page, "may_manage": _may(request, Act.APPLICATIONS_MANAGE)}
    return render(request, "oidc/registrations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_registration(request: SignedInRequest) -> HttpResponse:
    """Register an application."""
    require_in_tenant(request.actor, Act.APPLICATIONS_MANAGE)
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.register(
                request.actor,
                name=form.cleaned_data["name"],
                is_confidential=form.cleaned_data["kind"] == Application.CLIENT_CONFIDENTIAL,
                redirect_uris=form.cleaned_data["redirect_uris"].split(),
            )
        except Invalid as invalid:
            add_errors(form, invalid)
        else:
            messages.success(request, _("Application registered. Next, say what it may do."))
            return redirect("oidc:registration", application_id=made.id)
    return render(request, "oidc/registration_new.html", {"nav": "applications", "form": form})


@require_safe
def registration(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Show what one application is, and the addresses it needs."""
    return render(request, "oidc/registration.html", overview_of(request, application_id))


@require_http_methods(["GET", "HEAD", "POST"])
def registration_addresses(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Show where one application may be answered, and change it."""
    context = page_context(request, application_id, "addresses")
    application = context["application"]
    form = AddressesForm(request.POST or None, initial=AddressesForm.shown(application))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_addresses(request.actor, application=application, addresses=form.addresses)
        except Invalid as invalid:
            add_errors(form, invalid)
        else:
            messages.success(request, _("Settings saved. They apply at once."))
            return redirect(request.path)
    if not context["may_manage"]:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "oidc/registration_addresses.html", context | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def disable_registration(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Let nothing of an application work, after asking; or let it work again."""
    application = to_manage(request, application_id)
    is_enabled = not application.is_enabled
    if request.method == "POST":
        actions.set_enabled(request.actor, application=application, is_enabled=is_enabled)
        messages.success(request, _("Application enabled.") if is_enabled else _("Application disabled."))
        return redirect("oidc:registration", application_id=application_id)
    text = _("Its tokens stop working with the next request, and nobody can sign in to it until it is enabled again.")
    return ask(
        request,
        overview_of(request, application_id),
        title=_("Enable %(name)s?") % {"name": application.name}
        if is_enabled
        else _("Disable %(name)s?") % {"name": application.name},
        text=_("People can sign in to it again.") if is_enabled else text,
        verb=_("Enable") if is_enabled else _("Disable"),
        back="oidc:registration",
        opener="disable",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delete_registration(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Delete an application, after asking."""
    application = to_manage(request, application_id)
    if request.method == "POST":
        actions.delete(request.actor, application=application)
        messages.success(request, _("Application deleted."))
        return redirect("oidc:registrations")
    return ask(
        request,
        overview_of(request, application_id),
        title=_("Delete %(name)s?") % {"name": application.name},
        text=_("Its secrets, its permissions and every token it has are gone at once. This can't be undone."),
        verb=_("Delete"),
        back="oidc:registration",
        opener="delete",
    )


def to_manage(request: SignedInRequest, application_id: UUID) -> Application:
    """Return the application if the person may manage it. Raises Refused, ConfirmationNeeded, NotFound."""
    require_in_tenant(request.actor, Act.APPLICATIONS_MANAGE)
    return queries.application_for(request.actor, application_id)


def page_context(request: SignedInRequest, application_id: UUID, tab: str) -> dict[str, Any]:
    """Return what every page of one application shows. Raises Refused, ConfirmationNeeded, NotFound."""
    require_in_tenant(request.actor, Act.APPLICATIONS_VIEW)
    return {
        "nav": "applications",
        "tab": tab,
        "application": queries.application_for(request.actor, application_id),
        "may_manage": _may(request, Act.APPLICATIONS_MANAGE),
        "may_consent": _may(request, Act.CONSENT_GRANT),
    }


def overview_of(request: SignedInRequest, application_id: UUID) -> dict[str, Any]:
    """Return what the overview shows; dialogs are drawn over it."""
    context = page_context(request, application_id, "overview")
    base = f"{settings.PUBLIC_URL}/{context['application'].tenant_id}"
    endpoints = [
        (_("Issuer"), issuer_of(context["application"].tenant_id)),
        (_("Authority"), base),
        (_("Discovery"), f"{base}/v2.0/.well-known/openid-configuration"),
        (_("Authorization"), f"{base}/oauth2/v2.0/authorize"),
        (_("Token"), f"{base}/oauth2/v2.0/token"),
        (_("Device code"), f"{base}/oauth2/v2.0/devicecode"),
    ]
    return context | {"endpoints": endpoints}


def ask(
    request: SignedInRequest,
    page: dict[str, Any],
    *,
    title: str,
    text: str,
    verb: str,
    back: str,
    opener: str,
    kind: str = "danger",
) -> HttpResponse:
    """Ask before something is done, over the page it belongs to."""
    close_url = f"{reverse(back, args=[page['application'].id])}#{opener}"
    question = {"title": title, "text": text, "verb": verb, "kind": kind}
    question |= {"action": request.path, "close_url": close_url}
    below = {"overview": "", "secrets": "_secrets", "permissions": "_permissions"}[page["tab"]]
    return render(request, f"oidc/registration{below}.html", page | question)


def add_errors(form: Any, invalid: Invalid) -> None:
    """Show beside each field what the action had against it."""
    if not invalid.fields:
        form.add_error(None, str(invalid.message))
    for field, message in invalid.fields.items():
        form.add_error(field, str(message))


def _may(request: SignedInRequest, act: Act) -> bool:
    return Standing.MEMBER in reach_of(request.actor, act)
