"""Saving the policy of a method, and everything a page may have to say instead of «Policy saved»."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.access import ConfirmationNeeded, require_in_tenant
from accounts.authority import decide, holders_of
from accounts.enums import Act, Standing
from accounts.models import MethodPolicy
from accounts.requests import SignedInRequest, confirm_url
from accounts.targeting import Target
from core import clock
from core.errors import Conflict, Invalid
from core.http import is_own_path
from core.text import Text

DRAFT_KEPT = 3600  # seconds
NOT_KEPT = (
    "csrfmiddlewaretoken", "save", "confirmed", "reset", "reset_confirmed", "find", "add", "remove", "show", "edit",
    "preview", "person", "who",
)  # fmt: skip
P = TypeVar("P", bound=MethodPolicy)


@dataclass(frozen=True)
class Stored(Generic[P]):
    """A policy and its lists as they are in the database."""

    policy: P
    lists: list[Target]


@dataclass(frozen=True)
class Proposal(Generic[P]):
    """What somebody wants to save. ``stops`` says in a sentence what would stop working, or nothing."""

    version: int
    after: P
    question: str
    verb: str
    save: Callable[[], object]
    stops: Callable[[], str]


@dataclass(frozen=True)
class Trouble:
    """Why nothing was saved; the page shows what was typed, and this above it."""

    status: HTTPStatus
    step_up: Text = ""
    confirm_url: str = ""
    refused: Text = ""
    fields: Any = None
    question: str = ""
    stops: str = ""
    verb: str = ""

    @property
    def is_conflict(self) -> bool:
        """True where somebody else saved first."""
        return self.status is HTTPStatus.CONFLICT


@dataclass(frozen=True)
class Difference:
    """One setting as somebody else saved it and as it was about to be saved."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class PolicyWords:
    """What the pages of one method's policy say of it. ``target_url`` and ``configure_url`` are its two tabs."""

    name: str
    title: str
    icon: str
    target_url: str
    configure_url: str
    about_enabled: str
    included: str
    excluded: str
    none_included: str
    none_excluded: str
    group_in_both: str
    person_in_both: str


def require_view(request: SignedInRequest) -> None:
    """Raise Refused unless the caller may at least look at the policies of his tenant."""
    require_in_tenant(request.actor, Act.POLICY_VIEW)


def may_change(request: SignedInRequest) -> bool:
    """True where the page offers to change: allowed, or allowed after confirming. A POST without the right is refused."""
    reason = decide(request.actor, Act.POLICY_CHANGE, Standing.MEMBER, now=clock.now()).reason
    may = not reason.message or reason.can_step_up
    if request.method == "POST" and not may:
        require_in_tenant(request.actor, Act.POLICY_CHANGE)
    return may


def typed_in(request: SignedInRequest) -> dict[str, str]:
    """Return what a form sent, or what was typed before the person went to confirm that it's him."""
    if request.method == "POST":
        return {name: str(value) for name, value in request.POST.items()}
    try:
        kept = signing.loads(request.GET.get("draft", ""), salt=_salt(request), max_age=DRAFT_KEPT)
    except signing.BadSignature:
        return {}
    return {str(name): str(value) for name, value in kept.items()}


def kept_of(request: SignedInRequest) -> dict[str, str]:
    """Return what was typed, without the buttons that were pressed."""
    return {name: value for name, value in typed_in(request).items() if name not in NOT_KEPT}


def _confirm_url(request: SignedInRequest) -> str:
    """Return the way to a fresh sign-in and back to what was typed. Only our own signature makes a draft of an address."""
    draft = signing.dumps(kept_of(request), salt=_salt(request), compress=True)
    back = f"{request.path}?{urlencode({'draft': draft})}"
    return confirm_url(back if is_own_path(back) else request.path)


def _salt(request: SignedInRequest) -> str:
    return f"policy draft of {request.user.pk} at {request.path}"


def policy_context(
    policy: MethodPolicy, words: PolicyWords, *, is_read_only: bool, trouble: Trouble | None
) -> dict[str, Any]:
    """Return what both tabs show around their fields."""
    return {
        "nav": "policies",
        "policy": policy,
        "words": words,
        "is_read_only": is_read_only,
        "role_needed": holders_of(Act.POLICY_CHANGE, Standing.MEMBER)[0].label,
        "trouble": trouble,
    }


def try_to_save(request: SignedInRequest, stored: Stored[P], proposal: Proposal[P]) -> Trouble | None:
    """Save, or return what stands in the way. A change that stops passes which work is asked about first."""
    try:
        require_in_tenant(request.actor, Act.POLICY_CHANGE)
        if proposal.version != stored.policy.version:
            return Trouble(HTTPStatus.CONFLICT)
        if "confirmed" not in request.POST and (stops := proposal.stops()):
            return Trouble(HTTPStatus.OK, question=proposal.question, stops=stops, verb=proposal.verb)
        proposal.save()
    except ConfirmationNeeded as needed:
        return Trouble(HTTPStatus.FORBIDDEN, step_up=needed.message, confirm_url=_confirm_url(request))
    except Conflict:
        return Trouble(HTTPStatus.CONFLICT)
    except Invalid as invalid:
        return Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, refused=invalid.message, fields=invalid.fields)
    tell_saved(request)
    return None


def save_or_show(
    request: SignedInRequest,
    stored: Stored[P],
    proposal: Proposal[P],
    *,
    reread: Callable[[UUID], Stored[P]],
    differ: Callable[[P, P], Sequence[Difference]],
    in_trouble: Callable[[Trouble], HttpResponse],
    overtaken: Callable[[Stored[P], P, Trouble, Sequence[Difference]], HttpResponse],
) -> HttpResponse:
    """Save and show the page anew, or what stands in the way, ``in_trouble``.

    Where somebody else saved first: ``overtaken`` shows the policy as it is now, what was typed as a change of that, and
    both beside each other; where he saved the very same there is nothing left to do.
    """
    trouble = try_to_save(request, stored, proposal)
    if trouble is None:
        return redirect(request.path)
    if not trouble.is_conflict:
        return in_trouble(trouble)
    latest = reread(request.user.tenant_id)
    differences = differ(latest.policy, proposal.after)
    if not differences:
        tell_saved(request)
        return redirect(request.path)
    return overtaken(latest, proposal.after.having({"version": latest.policy.version}), trouble, differences)


def tell_saved(request: SignedInRequest) -> None:
    """Say so on the next page."""
    messages.success(request, _("Policy saved. It applies at once to new sign-ins."))
