"""The pages of signing in, and signing out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.authority import Reason, decide
from accounts.enums import Act, Interrupt, MethodKind, Standing
from accounts.requests import Request, SignedInRequest
from authmethods import actions as methods
from authmethods.enums import Ask
from authmethods.forms.security_info import NewPasswordForm
from core import clock
from core.decorators import open_when_interrupted
from core.errors import Busy, Denied, DomainError, Invalid, NotUsable, TooMany
from core.http import json_value, safe_next
from signin import actions, attempt, flow
from signin.establish import Established, hand_over
from signin.flow import Input, State
from signin.forms import IdentifyForm, SecretForm

CHOICES = {"pass": Input.CHOSE_PASS, "passkey": Input.CHOSE_PASSKEY, "password": Input.CHOSE_PASSWORD}


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def identify(request: Request) -> HttpResponse:
    """Ask for the user name, or take a passkey that names its person itself."""
    current = attempt.read(request)
    if request.method == "GET":
        typed = request.GET.get("username", "")[:320]
        response = render(request, "signin/identify.html", {"form": IdentifyForm(initial={"username": typed})})
        return attempt.write(response, attempt.named(current, upn="", wanted=safe_next(request, current.next)))
    form = IdentifyForm(request.POST)
    if not form.is_valid():
        return render(request, "signin/identify.html", {"form": form})
    upn = form.cleaned_data["username"]
    offer = actions.identify(request.actor, upn=upn)
    to = flow.next_state(State.IDENTIFY, flow.first_input(offer))
    return attempt.write(_to(to), attempt.named(current, upn=upn, wanted=current.next, organisation=offer.organisation))


@login_not_required
@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
def tap(request: Request) -> HttpResponse:
    """Ask for the Temporary Access Pass."""
    return _secret_step(
        request,
        State.PASS,
        label=_("Temporary Access Pass"),
        empty=_("Enter your Temporary Access Pass."),
        sign_in=actions.sign_in_with_pass,
    )


@login_not_required
@never_cache
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
def password(request: Request) -> HttpResponse:
    """Ask for the password."""
    return _secret_step(
        request,
        State.PASSWORD,
        label=_("Password"),
        empty=_("Enter your password."),
        sign_in=actions.sign_in_with_password,
    )


@login_not_required
@never_cache
@require_GET
def passkey(request: Request) -> HttpResponse:
    """Offer to sign in with a passkey."""
    current = attempt.read(request)
    return render(request, "signin/passkey.html", _shown(current)) if current.upn else _to(State.IDENTIFY)


@login_not_required
@never_cache
@require_POST
def passkey_options(request: Request) -> HttpResponse:
    """Answer the browser's question for a challenge, the same for everybody."""
    current = attempt.read(request)
    answer = JsonResponse(methods.begin_sign_in(browser=current.browser_digest))
    # A browser asks this while the user name is on its way: writing the cookie again would take the name back.
    return answer if attempt.is_carried(request, current) else attempt.write(answer, current)


@login_not_required
@never_cache
@require_POST
def passkey_finish(request: Request) -> HttpResponse:
    """Check what the passkey signed."""
    current = attempt.read(request)
    try:
        established = actions.sign_in_with_passkey(
            request.actor,
            credential=json_value(request, "credential"),
            browser=current.browser_digest,
            upn=current.upn,
            user_agent=request.headers.get("User-Agent", ""),
            replacing=request.signin,
        )
    except Invalid as unreadable:
        return JsonResponse({"message": str(unreadable.message)}, status=int(unreadable.status))
    except NotUsable as refused:
        unknown = refused.code == "unknown_credential"
        return JsonResponse({"message": str(refused.message), "unknown": unknown}, status=int(refused.status))
    arrived = _arrive(request, established, current)
    response = JsonResponse({"redirect": arrived["Location"]})
    response.cookies = arrived.cookies
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def options(request: Request) -> HttpResponse:
    """Offer every way to sign in, the same for every user name, known or not (security.md §2.4)."""
    current = attempt.read(request)
    if not current.upn:
        return _to(State.IDENTIFY)
    if request.method == "POST":
        chosen = CHOICES.get(request.POST.get("way", ""), Input.BACK)
        return _to(flow.next_state(State.OPTIONS, chosen))
    return render(request, "signin/options.html", _shown(current))


@open_when_interrupted
@never_cache
@require_GET
def confirm(request: SignedInRequest) -> HttpResponse:
    """Ask a signed-in person to prove himself again, with the strongest way he has.

    A password is never enough for what asks for this, so whoever has nothing else chooses (a pass, a passkey).
    """
    offer = replace(actions.identify(request.actor, upn=request.user.upn), has_password=False)
    to = flow.next_state(State.IDENTIFY, flow.first_input(offer))
    wanted = safe_next(request, "/")
    return attempt.write(
        _to(to),
        attempt.named(attempt.read(request), upn=request.user.upn, wanted=wanted, organisation=offer.organisation),
    )


@login_not_required
@require_GET
def tap_link(request: HttpRequest) -> HttpResponse:
    """Follow the link on a pass sheet: it holds the user name only, never the pass."""
    asked = {"username": request.GET.get("u", "")[:320], "next": reverse("authmethods:security_info")}
    return redirect(f"{reverse('signin:identify')}?{urlencode(asked)}")


@login_not_required
@never_cache
@require_POST
def out(request: Request) -> HttpResponse:
    """Sign out: by POST only, so that no link can do it (criterion B12)."""
    if request.signin is not None:
        actions.sign_out(request.actor, session=request.signin)
    request.signin = None
    return redirect("signin:signed_out")


@login_not_required
@require_GET
def signed_out(request: Request) -> HttpResponse:
    """Say that it worked."""
    return render(request, "signin/signed_out.html")


@login_not_required
@require_GET
def home(request: Request) -> HttpResponse:
    """Send everybody where his work is."""
    return redirect("signin:identify" if request.signin is None else _landing(request))


@open_when_interrupted
@never_cache
@require_http_methods(["GET", "POST"])
def interrupt(request: SignedInRequest) -> HttpResponse:
    """Ask whoever came with a pass to add a lasting method, where the registration campaign says so, and send him on."""
    if request.signin.interrupt == Interrupt.NEW_PASSWORD:
        return redirect("signin:new_password")
    current = attempt.read(request)
    if request.method == "POST" and request.signin.interrupt:
        try:
            actions.skip(request.actor, session=request.signin)
        except Denied as refused:
            messages.error(request, str(refused.message))
            return redirect("signin:interrupt")
    ask = Ask.NOTHING if request.method == "POST" else actions.interrupt(request.actor, session=request.signin)
    if ask is Ask.NOTHING:
        return attempt.forget(redirect(current.next or safe_next(request, _landing(request))))
    reason = decide(request.actor, Act.OWN_METHODS_CHANGE, Standing.SELF, now=clock.now()).reason
    context = {
        "may_skip": ask is Ask.MAY_SKIP,
        "is_over": reason is Reason.REGISTRATION_WINDOW_OVER,
        "session": request.signin,
    }
    return render(request, "signin/registration.html", context | _shown(replace(current, upn=request.user.upn)))


@open_when_interrupted
@never_cache
@sensitive_post_parameters("password", "repeated")
@require_http_methods(["GET", "POST"])
def new_password(request: SignedInRequest) -> HttpResponse:
    """Have a one-off password replaced before anything else."""
    if request.signin.interrupt != Interrupt.NEW_PASSWORD:
        return redirect("home")
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    current = replace(attempt.read(request), upn=request.user.upn)
    if form.is_valid():
        try:
            agent = request.headers.get("User-Agent", "")
            typed = form.cleaned_data["password"]
            established = actions.replace_password(
                request.actor, session=request.signin, password=typed, user_agent=agent
            )
        except Invalid as invalid:
            form.add_error("password", str(invalid.fields["password"]))
        else:
            messages.success(request, _("Password saved."))
            return _arrive(request, established, current)
    return render(request, "signin/new_password.html", _shown(current) | {"form": form})


def _shown(current: attempt.Attempt) -> dict[str, Any]:
    return {"identifier": current.upn, "tenant_name": current.organisation}


def _secret_step(
    request: Request, state: State, *, label: str, empty: str, sign_in: Callable[..., Established]
) -> HttpResponse:
    current = attempt.read(request)
    if not current.upn:
        return _to(State.IDENTIFY)
    form = SecretForm(request.POST or None, label=label, empty=empty)
    status, retry_after = 200, 0
    if request.method == "POST" and form.is_valid():
        try:
            established = sign_in(
                request.actor,
                upn=current.upn,
                typed=form.cleaned_data["secret"],
                user_agent=request.headers.get("User-Agent", ""),
                replacing=request.signin,
            )
            return _arrive(request, established, current)
        except (NotUsable, TooMany, Busy) as refused:
            form.add_error("secret", str(refused.message))
            status, retry_after = _seen(refused)
    response = render(request, f"signin/{state.value}.html", _shown(current) | {"form": form}, status=status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _seen(refused: DomainError) -> tuple[int, int]:
    """Return the status and the Retry-After of a refusal: a wrong secret is an ordinary page (criterion C04)."""
    retry_after = cast("int", getattr(refused, "retry_after", 0))
    return (int(refused.status), retry_after) if retry_after else (200, 0)


def _arrive(request: HttpRequest, established: Established, current: attempt.Attempt) -> HttpResponse:
    is_pass = established.session.method == MethodKind.TEMPORARY_ACCESS_PASS
    if not is_pass and not established.session.interrupt:
        return attempt.forget(hand_over(request, established, current.next or reverse("home")))
    # The campaign is judged on the next page, and not here: this answer is the one that many wait for at a time.
    response = hand_over(request, established, reverse("signin:interrupt"))
    if not current.next:
        return attempt.forget(response)
    return attempt.write(response, attempt.named(current, upn="", wanted=current.next))


def _landing(request: Request) -> str:
    return reverse("authmethods:home" if request.actor.may_enter_center else "authmethods:security_info")


def _to(state: State) -> HttpResponse:
    return redirect(f"signin:{state.value}")
