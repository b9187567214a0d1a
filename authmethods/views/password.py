"""Setting or changing one's own password."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import ConfirmationNeeded
from accounts.requests import SignedInRequest
from authmethods import passwords
from authmethods.forms.security_info import PasswordForm
from authmethods.views.security_info import INFO, page, require_own
from core.errors import Invalid


@sensitive_post_parameters("password", "repeated")
@require_http_methods(["GET", "POST"])
def password(request: SignedInRequest) -> HttpResponse:
    """Set or change the password; its validators say what is wrong with a weak one."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    confirm = None
    if request.method == "GET":
        require_own(request)
    elif form.is_valid():
        try:
            passwords.set_password(
                request.actor,
                user=request.user,
                password=form.cleaned_data["password"],
                sign_out_others=form.cleaned_data["sign_out_others"],
            )
        except Invalid as invalid:
            form.add_error("password", str(invalid.fields["password"]))
        except ConfirmationNeeded as needed:
            confirm = {"message": needed.message, "next": request.path, "is_secret": True}
        else:
            messages.success(request, _("Password saved."))
            return redirect(INFO)
    opener = "#password" if request.user.has_password else "#add"
    context = page(request) | {"form": form, "confirm": confirm, "close_url": reverse(INFO) + opener}
    return render(request, "authmethods/portal/password.html", context)
