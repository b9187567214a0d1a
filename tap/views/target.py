"""The tab Enable and Target."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from accounts.targeting import Target
from accounts.views.policy_changing import Stored
from accounts.views.policy_target import TargetTab, target_tab
from core import clock
from tap import actions, queries, wording
from tap.effects import Draft
from tap.models import TapPolicy
from tap.views.preview import preview_context
from tap.views.words import policy_words


@require_http_methods(["GET", "HEAD", "POST"])
def policy_target(request: SignedInRequest) -> HttpResponse:
    """Show who may use passes; change the draft of it; save it."""
    tab = TargetTab(
        template="tap/policy_target.html",
        words=policy_words(),
        question=_("Change who can use a pass?"),
        question_off=_("Turn off Temporary Access Pass?"),
        stored=stored_policy,
        stops=_stops,
        change=actions.change_policy,
        preview=_preview,
    )
    return target_tab(request, tab)


def stored_policy(tenant_id: UUID) -> Stored[TapPolicy]:
    """Return a tenant's policy and its lists."""
    return Stored(queries.policy_of(tenant_id), queries.targets(tenant_id))


def _stops(stored: Stored[TapPolicy], after: TapPolicy, lists: Collection[Target]) -> str:
    effect = queries.effect_of(stored.policy, after, lists=stored.lists, proposed=lists, now=clock.now())
    return wording.effect_of_change(effect, is_about_use=False)


def _preview(
    request: SignedInRequest, stored: Stored[TapPolicy], after: TapPolicy, lists: Collection[Target]
) -> dict[str, Any]:
    return preview_context(request, Draft(stored.policy, after, stored.lists, lists))
