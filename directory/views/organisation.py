"""The organisation: its settings and its domains."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import ConfirmationNeeded, may_in_tenant, require_in_tenant
from accounts.enums import Act
from accounts.models import Tenant
from accounts.requests import SignedInRequest, confirm_url
from core.errors import Invalid, NotFound
from directory import actions, queries
from directory.forms import DomainForm, TenantForm
from directory.views.over import Panel, Question, confirming, panel, question, take, with_typed

PAGE = "directory/settings.html"


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest) -> HttpResponse:
    """Show the organisation's settings; save them."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    context = _page(request, typed=request.method == "POST")
    form: TenantForm = context["tenant_form"]
    status = HTTPStatus.OK
    if request.method == "POST":
        try:
            if form.is_valid():
                actions.configure_tenant(request.actor, settings=form.changes)
                messages.success(request, _("Settings saved. They apply at once."))
                return redirect(request.path)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        except ConfirmationNeeded as needed:
            context |= {"needed": needed.message, "confirm_url": confirm_url(with_typed(request, form))}
            status = needed.status
        except Invalid as refused:
            take(form, refused)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, PAGE, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def add_domain(request: SignedInRequest) -> HttpResponse:
    """Add a domain, which the operator verifies then."""
    is_sent = request.method == "POST"
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW if is_sent else Act.DOMAINS_MANAGE)
    form = DomainForm(request.POST if is_sent else None, initial=request.GET.dict())

    def do() -> str:
        made = actions.add_domain(request.actor, name=form.cleaned_data["name"])
        text = _("Domain added. Ask the operator of this installation to verify it: manage.py domain verify %(domain)s")
        messages.success(request, text % {"domain": made.name})
        return reverse("directory:settings")

    shown = Panel(
        title=_("Add domain"),
        verb=_("Add"),
        not_done=_("Domain not added."),
        under=PAGE,
        page=_page(request),
        close_url=f"{reverse('directory:settings')}#add-domain",
    )
    return panel(request, shown, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def default_domain(request: SignedInRequest, domain: str) -> HttpResponse:
    """Make a domain the default."""
    require_in_tenant(request.actor, Act.DOMAINS_MANAGE)
    _require_own(request, domain)

    def do() -> str:
        actions.make_default(request.actor, name=domain)
        return reverse("directory:settings")

    def ask() -> Question:
        text = _("New people are offered user names that end in @%(domain)s. User names that exist stay as they are.")
        return Question(
            title=_("Make this the default domain?"),
            text=text % {"domain": domain},
            verb=_("Make default"),
            kind="primary",
            under=PAGE,
            page=_page(request),
            close_url=f"{reverse('directory:settings')}#default-{domain}",
        )

    return question(request, ask, do, _("Default domain changed."))


@require_http_methods(["GET", "HEAD", "POST"])
@confirming
def remove_domain(request: SignedInRequest, domain: str) -> HttpResponse:
    """Take away a domain that nobody is named by."""
    require_in_tenant(request.actor, Act.DOMAINS_MANAGE)
    _require_own(request, domain)

    def do() -> str:
        actions.remove_domain(request.actor, name=domain)
        return reverse("directory:settings")

    def ask() -> Question:
        return Question(
            title=_("Remove this domain?"),
            text=_("No user name may end in @%(domain)s afterwards, and another organisation may add it.")
            % {"domain": domain},
            verb=_("Remove"),
            under=PAGE,
            page=_page(request),
            close_url=f"{reverse('directory:settings')}#remove-{domain}",
        )

    return question(request, ask, do, _("Domain removed."))


def _page(request: SignedInRequest, *, typed: bool = False) -> dict[str, Any]:
    may = may_in_tenant(request.actor, Act.TENANT_CONFIGURE)
    tenant = Tenant.objects.get(pk=request.user.tenant_id)
    form = TenantForm(request.POST if typed else None, tenant=tenant, typed=request.GET.dict(), is_read_only=not may)
    return {
        "nav": "settings",
        "tenant": tenant,
        "tenant_form": form,
        "domains": queries.domains_of(tenant.id),
        "is_read_only": not may,
        "may_manage_domains": may_in_tenant(request.actor, Act.DOMAINS_MANAGE),
    }


def _require_own(request: SignedInRequest, name: str) -> None:
    if name not in {domain.name for domain in queries.domains_of(request.user.tenant_id)}:
        raise NotFound("domain")
