"""Adding, naming and deleting one's own passkeys."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import ConfirmationNeeded, require
from accounts.enums import Act, Standing
from accounts.requests import SignedInRequest
from authmethods import actions, rules
from authmethods.catalogue import passkeys_of
from authmethods.forms.security_info import NameForm
from authmethods.models import Passkey
from authmethods.views.security_info import INFO, page
from core.errors import DomainError, Invalid, NotFound


@require_GET
def create(request: SignedInRequest) -> HttpResponse:
    """Explain where a passkey can live, and start the browser's own dialog."""
    require(request.actor, Act.OWN_METHODS_CHANGE, Standing.SELF, target=request.user)
    return render(request, "authmethods/portal/passkey_create.html", page(request))


@require_POST
def creation_options(request: SignedInRequest) -> HttpResponse:
    """Answer the options of a registration."""
    try:
        return JsonResponse(actions.begin_registration(request.actor, user=request.user))
    except DomainError as refused:
        return _refusal(refused)


@require_POST
def register(request: SignedInRequest) -> HttpResponse:
    """Keep the passkey the browser made, then ask for its name."""
    try:
        credential = json.loads(request.body)["credential"]
    except (ValueError, TypeError, KeyError):
        return JsonResponse({"message": _("The browser's answer could not be read. Try again.")}, status=400)
    try:
        passkey = actions.finish_registration(request.actor, user=request.user, credential=credential)
    except DomainError as refused:
        return _refusal(refused)
    return JsonResponse({"redirect": reverse("authmethods:passkey_name", args=[passkey.id]) + "?new=1"})


@require_http_methods(["GET", "POST"])
def name(request: SignedInRequest, passkey_id: UUID) -> HttpResponse:
    """Name a passkey: the last step of adding one, or a renaming."""
    passkey = _own(request, passkey_id)
    is_new = "new" in request.GET
    form = NameForm(request.POST or None, initial={"name": passkey.name})
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            typed = form.cleaned_data["name"]
            actions.rename_passkey(request.actor, user=request.user, passkey_id=passkey_id, name=typed)
        except Invalid as invalid:
            form.add_error("name", str(invalid.fields["name"]))
        except ConfirmationNeeded as needed:
            problem = needed
        else:
            _tell_named(request, rules.clean_name(typed), is_new=is_new)
            return redirect(f"{reverse(INFO)}{'?added=1' if is_new else ''}")
    context = page(request) | {"form": form, "passkey": passkey, "is_new": is_new, "confirm": problem}
    return render(request, "authmethods/portal/passkey_name.html", context)


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, passkey_id: UUID) -> HttpResponse:
    """Delete a passkey, after asking; the last lasting method stays."""
    passkey = _own(request, passkey_id)
    require(request.actor, Act.OWN_METHODS_CHANGE, Standing.SELF, target=request.user)
    if request.method == "POST":
        try:
            actions.delete_passkey(request.actor, user=request.user, passkey_id=passkey_id)
        except Invalid as invalid:
            messages.error(request, str(invalid.message))
            return redirect(INFO)
        messages.success(request, _("Passkey “%(name)s” deleted.") % {"name": passkey.name})
        return redirect(INFO)
    count = len(passkeys_of(request.user.id))
    context = page(request) | {
        "passkey": passkey,
        "is_last": count == 1,
        "must_stay": rules.removal_problem(passkeys=count, has_password=request.user.has_password) is not None,
        "ends_this": request.signin.credential_id == passkey.id,
    }
    return render(request, "authmethods/portal/passkey_delete.html", context)


def _own(request: SignedInRequest, passkey_id: UUID) -> Passkey:
    passkey = Passkey.objects.filter(pk=passkey_id, user=request.user).first()
    if passkey is None:
        raise NotFound("passkey")
    return passkey


def _tell_named(request: SignedInRequest, named: str, *, is_new: bool) -> None:
    if is_new:
        text = _("Passkey added. “%(name)s” is ready. You no longer need the Temporary Access Pass.")
    else:
        text = _("Passkey renamed. It is called “%(name)s” now.")
    messages.success(request, text % {"name": named})


def _refusal(refused: DomainError) -> HttpResponse:
    answer = {"message": str(refused.message)}
    if isinstance(refused, ConfirmationNeeded):
        answer["redirect"] = f"{reverse('signin:confirm')}?next={reverse('authmethods:passkey_create')}"
    return JsonResponse(answer, status=int(refused.status))
