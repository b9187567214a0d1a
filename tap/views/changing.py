"""Saving the policy, and everything a page may have to say instead of «Policy saved»."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import ConfirmationNeeded, require_in_tenant
from accounts.authority import decide, holders_of
from accounts.enums import Act, Standing
from accounts.requests import SignedInRequest
from accounts.targeting import Target
from core import clock
from core.errors import Conflict, Invalid
from core.http import is_own_path
from core.text import Text
from tap import queries, wording
from tap.models import TapPolicy

DRAFT_KEPT = 3600  # seconds
NOT_KEPT = ("csrfmiddlewaretoken", "save", "confirmed", "reset", "reset_confirmed", "find", "add", "remove", "show")


@dataclass(frozen=True)
class Stored:
    """The policy and its lists as they are in the database."""

    policy: TapPolicy
    lists: list[Target]


@dataclass(frozen=True)
class Proposal:
    """What somebody wants to save."""

    version: int
    after: TapPolicy
    lists: Collection[Target]
    question: str
    verb: str
    save: Callable[[], object]
    is_about_use: bool = False


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


def stored_for(request: SignedInRequest) -> Stored:
    """Return the policy of the caller's tenant. Raises Refused where he may not even look."""
    require_in_tenant(request.actor, Act.POLICY_VIEW)
    tenant_id = request.user.tenant_id
    return Stored(queries.policy_of(tenant_id), queries.targets(tenant_id))


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


def _confirm_url(request: SignedInRequest) -> str:
    """Return the way to a fresh sign-in and back to what was typed. Only our own signature makes a draft of an address."""
    kept = {name: value for name, value in typed_in(request).items() if name not in NOT_KEPT}
    draft = signing.dumps(kept, salt=_salt(request), compress=True)
    back = f"{request.path}?{urlencode({'draft': draft})}"
    return f"{reverse('signin:confirm')}?{urlencode({'next': back if is_own_path(back) else request.path})}"


def _salt(request: SignedInRequest) -> str:
    return f"policy draft of {request.user.pk} at {request.path}"


def policy_context(policy: TapPolicy, *, is_read_only: bool, trouble: Trouble | None) -> dict[str, Any]:
    """Return what both tabs show around their fields."""
    return {
        "nav": "policies",
        "policy": policy,
        "is_read_only": is_read_only,
        "role_needed": holders_of(Act.POLICY_CHANGE, Standing.MEMBER)[0].label,
        "trouble": trouble,
    }


def try_to_save(request: SignedInRequest, stored: Stored, proposal: Proposal) -> Trouble | None:
    """Save, or return what stands in the way. A change that stops passes which work is asked about first."""
    try:
        require_in_tenant(request.actor, Act.POLICY_CHANGE)
        if proposal.version != stored.policy.version:
            return Trouble(HTTPStatus.CONFLICT)
        if "confirmed" not in request.POST and (stops := _stops(stored, proposal)):
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


def tell_saved(request: SignedInRequest) -> None:
    """Say so on the next page."""
    messages.success(request, _("Policy saved. It applies at once to new sign-ins."))


def _stops(stored: Stored, proposal: Proposal) -> str:
    effect = queries.effect_of(
        stored.policy, proposal.after, lists=stored.lists, proposed=proposal.lists, now=clock.now()
    )
    return wording.effect_of_change(effect, is_about_use=proposal.is_about_use)
