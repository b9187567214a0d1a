"""The tab Enable and Target, the same for every method."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Generic
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.drafts import TargetDraft, TargetForm, key_of
from accounts.enums import TargetSide
from accounts.queries import find_principals, lines_of
from accounts.requests import SignedInRequest
from accounts.targeting import Target
from accounts.views.policy_changing import (
    Difference,
    P,
    PolicyWords,
    Proposal,
    Stored,
    Trouble,
    may_change,
    policy_context,
    require_view,
    tell_saved,
    try_to_save,
    typed_in,
)

SHORTEST_QUERY = 2


@dataclass(frozen=True)
class TargetTab(Generic[P]):
    """What the tab needs to know of a method. ``stops(stored, after, lists)`` says what a change would stop; ``preview``
    (the same, of a request) what the panel shows that tells all a change would do, None where a method has none.
    """

    template: str
    words: PolicyWords
    question: str
    question_off: str
    stored: Callable[[UUID], Stored[P]]
    stops: Callable[[Stored[P], P, Collection[Target]], str]
    change: Callable[..., object]
    preview: Callable[[SignedInRequest, Stored[P], P, Collection[Target]], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Shown(Generic[P]):
    """A draft and what the page says above it."""

    stored: Stored[P]
    draft: TargetDraft
    is_read_only: bool = False
    is_previewed: bool = False
    trouble: Trouble | None = None
    differences: Sequence[Difference] = ()


def target_tab(request: SignedInRequest, tab: TargetTab[P]) -> HttpResponse:
    """Show whom the method reaches; change the draft of it; save it."""
    require_view(request)
    stored = tab.stored(request.user.tenant_id)
    may = may_change(request)
    typed = typed_in(request)
    if not may or not typed:
        side = TargetSide.EXCLUDE if request.GET.get("list") == TargetSide.EXCLUDE else TargetSide.INCLUDE
        draft = TargetDraft.stored(stored.policy, stored.lists, side=side)
        return _page(request, tab, Shown(stored, draft, is_read_only=not may))
    draft = TargetDraft.posted(typed)
    if "save" in typed or "confirmed" in typed:
        return _save(request, tab, stored, draft)
    is_previewed = tab.preview is not None and ("preview" in typed or "person" in typed)
    return _page(request, tab, Shown(stored, draft.edited(typed), is_previewed=is_previewed))


def _save(request: SignedInRequest, tab: TargetTab[P], stored: Stored[P], draft: TargetDraft) -> HttpResponse:
    trouble = try_to_save(request, stored, _proposal(request, tab, stored, draft))
    if trouble is None:
        return redirect(request.path)
    if trouble.status is not HTTPStatus.CONFLICT:
        return _page(request, tab, Shown(stored, draft, trouble=trouble))
    latest = tab.stored(request.user.tenant_id)
    differences = _differences(request, latest, draft)
    if not differences:
        tell_saved(request)
        return redirect(request.path)
    draft = replace(draft, version=latest.policy.version)
    return _page(request, tab, Shown(latest, draft, trouble=trouble, differences=differences))


def _proposal(request: SignedInRequest, tab: TargetTab[P], stored: Stored[P], draft: TargetDraft) -> Proposal[P]:
    is_turning_off = stored.policy.is_enabled and not draft.is_enabled
    settings = {"is_enabled": draft.is_enabled}
    after = stored.policy.having(settings)
    return Proposal(
        version=draft.version,
        after=after,
        question=tab.question_off if is_turning_off else tab.question,
        verb=_("Turn off") if is_turning_off else _("Save"),
        save=lambda: tab.change(request.actor, version=draft.version, settings=settings, targets=draft.lists),
        stops=lambda: tab.stops(stored, after, draft.lists),
    )


def _page(request: SignedInRequest, tab: TargetTab[P], shown: Shown[P]) -> HttpResponse:
    draft, trouble = shown.draft, shown.trouble
    lines = lines_of(request.user.tenant_id, [*draft.include, *draft.exclude])
    known = {side: tuple(line.target for line in lines if line.target.side is side) for side in TargetSide}
    wanted = len(draft.include) + len(draft.exclude)
    draft = replace(draft, include=known[TargetSide.INCLUDE], exclude=known[TargetSide.EXCLUDE])
    context: dict[str, Any] = {
        **policy_context(shown.stored.policy, tab.words, is_read_only=shown.is_read_only, trouble=trouble),
        "tab": "target",
        "draft": draft,
        "keys": {side.value: draft.keys(side) for side in TargetSide},
        "include_count": 1 if draft.is_everyone else len(draft.include),
        "rows": [(line, key_of(line.target)) for line in lines if line.target.side is draft.side],
        "in_both": _in_both(draft),
        "is_lost": len(lines) < wanted,
        "form": TargetForm(draft, is_read_only=shown.is_read_only),
        "differences": shown.differences,
        "focus_search": any(name in request.POST for name in ("find", "add", "remove")),
        "focus_tab": "show" in request.POST,
        "can_preview": tab.preview is not None,
        **_found(request, draft),
    }
    if shown.is_previewed and tab.preview is not None:
        after = shown.stored.policy.having({"is_enabled": draft.is_enabled})
        context |= tab.preview(request, shown.stored, after, draft.lists)
    return render(request, tab.template, context, status=trouble.status if trouble else HTTPStatus.OK)


def _found(request: SignedInRequest, draft: TargetDraft) -> dict[str, Any]:
    """Answer a search made without JavaScript."""
    if "find" not in request.POST or len(draft.query) < SHORTEST_QUERY:
        return {}
    results = find_principals(request.user.tenant_id, draft.query)
    if results:
        words = ngettext("%(count)s result for “%(query)s”", "%(count)s results for “%(query)s”", len(results))
    else:
        words = _("No groups or users match “%(query)s”. Check the spelling.")
    return {"results": results, "status": words % {"count": len(results), "query": draft.query}}


def _in_both(draft: TargetDraft) -> list[Target]:
    """Return the lines of the include list that the exclude list names too."""
    excluded = {(line.user_id, line.group_id) for line in draft.exclude}
    included = () if draft.is_everyone else draft.include
    return [line for line in included if (line.user_id, line.group_id) in excluded]


def _differences(request: SignedInRequest, latest: Stored[P], draft: TargetDraft) -> list[Difference]:
    """Compare what is stored by now with what was about to be saved."""
    named = {
        (line.target.user_id, line.target.group_id): line.target.name
        for line in lines_of(request.user.tenant_id, [*latest.lists, *draft.lists])
    }

    def names(targets: Collection[Target], side: TargetSide) -> str:
        of_side = [target for target in targets if target.side is side]
        if any(target.is_all_users for target in of_side):
            return _("All users")
        found = sorted(named.get((one.user_id, one.group_id), "") for one in of_side)
        return ", ".join(filter(None, found)) or _("Nobody")

    on, off = _("On"), _("Off")
    values = [
        (_("Enable"), on if latest.policy.is_enabled else off, on if draft.is_enabled else off),
        (_("Include"), names(latest.lists, TargetSide.INCLUDE), names(draft.lists, TargetSide.INCLUDE)),
        (_("Exclude"), names(latest.lists, TargetSide.EXCLUDE), names(draft.lists, TargetSide.EXCLUDE)),
    ]
    return [Difference(label, theirs, mine) for label, theirs, mine in values if theirs != mine]
