"""An application's secrets: shown once, several at a time, each with an end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from core import clock
from core.errors import Invalid, NotFound
from oidc import actions, queries
from oidc.forms import SecretForm
from oidc.views.registrations import add_errors, ask, page_context, to_manage


@require_safe
def registration_secrets(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """List the secrets of one application."""
    return render(request, "oidc/registration_secrets.html", _page(request, application_id))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_secret(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Make a secret. The answer to this one form shows it, and nothing ever again."""
    application = to_manage(request, application_id)
    form = SecretForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_secret(
                request.actor,
                application=application,
                name=form.cleaned_data["name"],
                lifetime=timedelta(days=form.cleaned_data["days"]),
            )
        except Invalid as invalid:
            add_errors(form, invalid)
        else:
            context = _page(request, application_id) | {"made": made}
            return render(request, "oidc/registration_secret_made.html", context)
    return render(request, "oidc/registration_secret_new.html", _page(request, application_id) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def delete_secret(request: SignedInRequest, application_id: UUID, secret_id: UUID) -> HttpResponse:
    """Delete a secret, after asking."""
    application = to_manage(request, application_id)
    if request.method == "POST":
        actions.delete_secret(request.actor, application=application, secret_id=secret_id)
        messages.success(request, _("Secret deleted. It stopped working at once."))
        return redirect("oidc:registration_secrets", application_id=application_id)
    page = _page(request, application_id)
    found = next((one for one in page["secrets"] if one.id == secret_id), None)
    if found is None:
        raise NotFound("secret")
    return ask(
        request,
        page,
        title=_("Delete secret %(hint)s…?") % {"hint": found.hint},
        text=_("The application can't prove itself with it any more."),
        verb=_("Delete"),
        back="oidc:registration_secrets",
        opener=f"delete-{secret_id}",
    )


def _page(request: SignedInRequest, application_id: UUID) -> dict[str, Any]:
    context = page_context(request, application_id, "secrets")
    return context | {"secrets": queries.secrets_of(context["application"]), "now": clock.now()}
