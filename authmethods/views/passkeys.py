"""Adding, naming and deleting one's own passkeys."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import ConfirmationNeeded, Refused
from accounts.requests import SignedInRequest, confirm_url
from authmethods import actions, rules
from authmethods.catalogue import others_left
from authmethods.forms.security_info import NameForm
from authmethods.models import Passkey
from authmethods.views.security_info import INFO, ask_again, page, require_own
from core.decorators import open_when_interrupted
from core.errors import DomainError, Invalid, NotFound
from core.http import json_value
from tap.queries import pass_of

KEY = "key"  # ``?on=key``: the person chose a security key


@open_when_interrupted
@require_GET
def create(request: SignedInRequest) -> HttpResponse:
    """Explain where a passkey can live, and start the browser's own dialog."""
    require_own(request)
    context = page(request) | {"on_key": request.GET.get("on") == KEY}
    if context["no_passkey"]:
        return redirect("authmethods:add_own_method")
    return render(request, "authmethods/portal/passkey_create.html", context)


@open_when_interrupted
@require_POST
def creation_options(request: SignedInRequest) -> HttpResponse:
    """Answer the options of a registration; for a security key the browser asks for that first (WebAuthn L3 §5.8.7)."""
    try:
        options = actions.begin_registration(request.actor, user=request.user)
    except DomainError as refused:
        return _refusal(refused)
    return JsonResponse(options | ({"hints": ["security-key"]} if request.GET.get("on") == KEY else {}))


@open_when_interrupted
@require_POST
def register(request: SignedInRequest) -> HttpResponse:
    """Keep the passkey the browser made, then ask for its name."""
    try:
        credential = json_value(request, "credential")
        passkey = actions.finish_registration(request.actor, user=request.user, credential=credential)
    except DomainError as refused:
        return _refusal(refused)
    return JsonResponse({"redirect": reverse("authmethods:passkey_name", args=[passkey.id]) + "?new=1"})


@open_when_interrupted
@require_http_methods(["GET", "POST"])
def name(request: SignedInRequest, passkey_id: UUID) -> HttpResponse:
    """Name a passkey: the last step of adding one, or a renaming."""
    passkey = _own(request, passkey_id)
    is_new = "new" in request.GET
    confirm = None
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": _kept(request, passkey)})
    if request.method == "GET" and not is_new:
        require_own(request)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["name"]
        try:
            actions.rename_passkey(request.actor, user=request.user, passkey_id=passkey_id, name=typed)
        except Invalid as invalid:
            form.add_error("name", str(invalid.fields["name"]))
        except ConfirmationNeeded as needed:
            kept = urlencode({"name": typed} | ({"new": "1"} if is_new else {}))
            confirm = {"message": needed.message, "next": f"{request.path}?{kept}"}
        except Refused:
            return _too_late_to_name(request, passkey, is_new=is_new)
        else:
            return _named(request, rules.clean_name(typed), is_new=is_new)
    close_url = reverse(INFO) + ("?added=1" if is_new else f"#rename-{passkey_id}")
    context = page(request) | {"form": form, "passkey": passkey, "is_new": is_new, "confirm": confirm}
    return render(request, "authmethods/portal/passkey_name.html", context | {"close_url": close_url})


@require_http_methods(["GET", "POST"])
def delete(request: SignedInRequest, passkey_id: UUID) -> HttpResponse:
    """Delete a passkey, after asking; the last lasting method stays."""
    passkey = _own(request, passkey_id)
    if request.method == "POST":
        try:
            actions.delete_passkey(request.actor, user=request.user, passkey_id=passkey_id)
        except ConfirmationNeeded:
            return ask_again(request)
        except Invalid as invalid:
            messages.error(request, str(invalid.message))
            return redirect(INFO)
        messages.success(request, _("Passkey “%(name)s” deleted.") % {"name": passkey.name})
        return redirect(INFO)
    require_own(request)
    others = others_left(request.user, passkey_id)
    context = page(request) | {
        "close_url": f"{reverse(INFO)}#delete-{passkey_id}",
        "passkey": passkey,
        "is_last": not others,
        "must_stay": rules.removal_problem(others=others, has_password=request.user.has_lasting_password) is not None,
        "ends_this": request.signin.credential_id == passkey.id,
    }
    return render(request, "authmethods/portal/passkey_delete.html", context)


def _own(request: SignedInRequest, passkey_id: UUID) -> Passkey:
    passkey = Passkey.objects.filter(pk=passkey_id, user=request.user).first()
    if passkey is None:
        raise NotFound("passkey")
    return passkey


def _kept(request: SignedInRequest, passkey: Passkey) -> str:
    """Return the name to begin with: one that was typed before a confirmation, or the present one."""
    return request.GET.get("name", passkey.name)[: rules.LONGEST_NAME]


def _named(request: SignedInRequest, called: str, *, is_new: bool) -> HttpResponse:
    if not is_new:
        messages.success(request, _("Passkey renamed. It is called “%(name)s” now.") % {"name": called})
        return redirect(INFO)
    text = _("Passkey added. “%(name)s” is ready.")
    if pass_of(request.user.id) is not None:
        text = _("Passkey added. “%(name)s” is ready. You no longer need the Temporary Access Pass.")
    messages.success(request, text % {"name": called})
    return redirect(f"{reverse(INFO)}?added=1")


def _too_late_to_name(request: SignedInRequest, passkey: Passkey, *, is_new: bool) -> HttpResponse:
    """The ten minutes ended while the person thought of a name: the passkey is there, with the name it was given."""
    text = _("The name was not changed. Sign in with the passkey “%(name)s” to rename it.")
    if is_new:
        text = _("Passkey added. It is called “%(name)s”; sign in with it to rename it.")
    messages.info(request, text % {"name": passkey.name})
    return redirect(INFO)


def _refusal(refused: DomainError) -> HttpResponse:
    answer = {"message": str(refused.message)}
    if isinstance(refused, ConfirmationNeeded):
        answer["redirect"] = confirm_url(reverse("authmethods:passkey_create"))
    return JsonResponse(answer, status=int(refused.status))
