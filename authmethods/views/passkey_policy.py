"""The passkey policy: whom it reaches, what it asks of a passkey, and which models."""

from collections.abc import Collection, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, TypedDict
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from accounts.targeting import Target
from accounts.views.policy_changing import (
    Difference,
    Proposal,
    Stored,
    Trouble,
    may_change,
    policy_context,
    require_view,
    save_or_show,
    typed_in,
)
from accounts.views.policy_target import SHORTEST_QUERY, TargetTab, target_tab
from authmethods import method_policies as actions
from authmethods import policy as passkeys
from authmethods import rules, wording
from authmethods.authenticators import find_models, metadata, model_name
from authmethods.forms.passkey_policy import PasskeyDraft, PasskeyPolicyForm
from authmethods.models import PasskeyPolicy
from authmethods.views import policy_words as words

OFFERED_AT_MOST = 20
METHODS = ["GET", "HEAD", "POST"]


class Model(TypedDict):
    """A model as a picker shows it."""

    id: str
    type: str
    name: str
    detail: str


@require_http_methods(METHODS)
def target(request: SignedInRequest) -> HttpResponse:
    """Show who may use passkeys; change the draft of it; save it."""
    tab = TargetTab(
        template="authmethods/center/passkey_policy_target.html",
        words=words.passkey_policy_words(),
        question=_("Change who can use a passkey?"),
        question_off=_("Turn off passkeys?"),
        stored=_stored,
        stops=_stops,
        change=actions.change_passkey_policy,
    )
    return target_tab(request, tab)


@require_http_methods(METHODS)
def configure(request: SignedInRequest) -> HttpResponse:
    """Show what passkeys must be; change the draft of it; save it; give it its defaults back."""
    require_view(request)
    stored = _stored(request.user.tenant_id)
    may, typed = may_change(request), typed_in(request)
    if not may or not typed:
        return _page(request, stored, PasskeyDraft.stored(stored.policy), is_read_only=not may)
    draft = PasskeyDraft.posted(typed)
    if "reset_confirmed" in typed:
        return _save(request, stored, draft, _reset(request, stored, draft))
    if "save" in typed or "confirmed" in typed:
        return _save(request, stored, draft, _change(request, stored, draft))
    return _page(request, stored, draft.edited(typed), is_reset_asked="reset" in typed)


@require_safe
def models(request: SignedInRequest) -> HttpResponse:
    """Answer with the models ``q`` finds, for the picker."""
    require_view(request)
    return JsonResponse({"results": _models(request.GET.get("q", "").strip())})


def _stored(tenant_id: UUID) -> Stored[PasskeyPolicy]:
    policy = passkeys.policy_of(tenant_id)
    return Stored(policy, passkeys.targets(policy))


def _stops(stored: Stored[PasskeyPolicy], after: PasskeyPolicy, lists: Collection[Target]) -> str:
    effect = passkeys.effect_of(stored.policy, after, lists=stored.lists, proposed=lists)
    return wording.stopped_passkeys(effect)


def _change(request: SignedInRequest, stored: Stored[PasskeyPolicy], draft: PasskeyDraft) -> Proposal[PasskeyPolicy]:
    after = stored.policy.having(draft.settings)
    return Proposal(
        version=draft.version,
        after=after,
        question=_("Change which passkeys work?"),
        verb=_("Save"),
        save=partial(actions.change_passkey_policy, request.actor, version=draft.version, settings=draft.settings),
        stops=partial(_stops, stored, after, stored.lists),
    )


def _reset(request: SignedInRequest, stored: Stored[PasskeyPolicy], draft: PasskeyDraft) -> Proposal[PasskeyPolicy]:
    return Proposal(
        version=draft.version,
        after=stored.policy.having(rules.default_settings()),
        question="",
        verb="",
        save=partial(actions.reset_passkey_policy, request.actor, version=draft.version),
        stops=str,  # what has no restrictions stops nothing
    )


def _save(
    request: SignedInRequest, stored: Stored[PasskeyPolicy], draft: PasskeyDraft, proposal: Proposal[PasskeyPolicy]
) -> HttpResponse:
    return save_or_show(
        request,
        stored,
        proposal,
        reread=_stored,
        differ=words.passkey_policy_differences,
        in_trouble=lambda trouble: _page(request, stored, draft, trouble=trouble),
        overtaken=lambda latest, mine, trouble, differences: _page(
            request, latest, PasskeyDraft.stored(mine), trouble=trouble, differences=differences
        ),
    )


def _page(
    request: SignedInRequest,
    stored: Stored[PasskeyPolicy],
    draft: PasskeyDraft,
    *,
    is_read_only: bool = False,
    trouble: Trouble | None = None,
    differences: Sequence[Difference] = (),
    is_reset_asked: bool = False,
) -> HttpResponse:
    said = words.passkey_policy_words()
    is_asking = is_reset_asked or bool(trouble and trouble.question)
    context: dict[str, Any] = {
        **policy_context(stored.policy, said, is_read_only=is_read_only, trouble=trouble),
        "tab": "configure",
        "draft": draft,
        "form": PasskeyPolicyForm(draft, is_read_only=is_read_only),
        "rows": [(one, model_name(UUID(one))) for one in draft.aaguids],
        "list_error": (trouble.fields or {}).get("aaguids") if trouble else None,
        "stops": "" if is_asking else _stops(stored, stored.policy.having(draft.settings), stored.lists),
        "metadata": metadata(),
        "differences": differences,
        "is_reset_asked": is_reset_asked,
        "focus_search": any(name in request.POST for name in ("find", "add", "remove")),
        **_found(request, draft),
    }
    status = trouble.status if trouble else HTTPStatus.OK
    return render(request, "authmethods/center/passkey_policy_configure.html", context, status=status)


def _found(request: SignedInRequest, draft: PasskeyDraft) -> dict[str, Any]:
    """Answer a search made without JavaScript."""
    if "find" not in request.POST or len(draft.query) < SHORTEST_QUERY:
        return {}
    results = _models(draft.query)
    return {"results": results, "status": words.models_found(len(results), draft.query)}


def _models(term: str) -> list[Model]:
    """Return the models a term finds; an AAGUID that no list knows can be added all the same."""
    if len(term) < SHORTEST_QUERY:
        return []
    found: list[Model] = [
        {"id": str(one.aaguid), "type": "model", "name": one.name, "detail": str(one.aaguid)}
        for one in find_models(term, most=OFFERED_AT_MOST)
    ]
    typed = rules.read_aaguid(term)
    if typed and not found:
        return [
            {
                "id": str(typed),
                "type": "model",
                "name": model_name(typed) or words.unknown_model(),
                "detail": str(typed),
            }
        ]
    return found
