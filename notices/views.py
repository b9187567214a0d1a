"""The page that says who is told what administrators should know."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import ConfirmationNeeded, require_in_tenant
from accounts.authority import reach_of
from accounts.enums import Act
from accounts.requests import SignedInRequest
from core.errors import Invalid
from notices import actions
from notices.forms import ADDRESSES, ROLES, RecipientsForm
from notices.queries import addresses_for_administrators


@require_http_methods(["GET", "HEAD", "POST"])
def recipients(request: SignedInRequest) -> HttpResponse:
    """Show and change it."""
    require_in_tenant(request.actor, Act.POLICY_VIEW)
    stored = addresses_for_administrators(request.user.tenant)
    initial = {"who": ADDRESSES if stored else ROLES, "addresses": "\n".join(stored)}
    form = RecipientsForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {"nav": "notices", "form": form, "may_change": bool(reach_of(request.actor, Act.TENANT_CONFIGURE))}
    if form.is_bound and form.is_valid():
        try:
            actions.choose_administrators(request.actor, addresses=form.chosen)
        except Invalid as refused:
            for name, message in refused.fields.items():
                form.add_error(name, str(message))
        except ConfirmationNeeded as needed:
            context["needed"] = needed.message
        else:
            messages.success(request, _("Recipients saved. The former ones are told too."))
            return redirect("notices:recipients")
    return render(request, "notices/recipients.html", context)
