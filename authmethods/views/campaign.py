"""The registration campaign: whom it asks to add a passkey, and how often."""

from collections.abc import Collection, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

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
from accounts.views.policy_target import TargetTab, target_tab
from authmethods import campaign as campaigns
from authmethods.forms.campaign import CampaignForm
from authmethods.method_policies import change_campaign
from authmethods.models import RegistrationCampaign
from authmethods.views import policy_words as words

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
def target(request: SignedInRequest) -> HttpResponse:
    """Show whom the campaign asks; change the draft of it; save it."""
    tab = TargetTab(
        template="authmethods/center/campaign_target.html",
        words=words.campaign_words(),
        question=_("Change who is asked?"),
        question_off=_("Turn off the registration campaign?"),
        stored=_stored,
        stops=_stops,
        change=change_campaign,
    )
    return target_tab(request, tab)


@require_http_methods(METHODS)
def configure(request: SignedInRequest) -> HttpResponse:
    """Show how long somebody who skipped is left alone; save it."""
    require_view(request)
    stored = _stored(request.user.tenant_id)
    may, typed = may_change(request), typed_in(request)
    if not may or not typed:
        return _page(request, stored, CampaignForm.stored(stored.policy, is_read_only=not may), is_read_only=not may)
    form = CampaignForm(typed)
    if not form.is_valid():
        return _page(request, stored, form, trouble=Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, fields=form.errors))
    if "save" not in typed:
        return _page(request, stored, form)
    return _save(request, stored, form)


def _save(request: SignedInRequest, stored: Stored[RegistrationCampaign], form: CampaignForm) -> HttpResponse:
    settings = {"snooze_days": form.cleaned_data["snooze_days"]}
    proposal = Proposal(
        version=form.seen_version,
        after=stored.policy.having(settings),
        question="",
        verb="",
        save=partial(change_campaign, request.actor, version=form.seen_version, settings=settings),
        stops=str,  # it takes nothing away from anybody
    )
    return save_or_show(
        request,
        stored,
        proposal,
        reread=_stored,
        differ=words.campaign_differences,
        in_trouble=lambda trouble: _page(request, stored, form, trouble=trouble),
        overtaken=lambda latest, mine, trouble, differences: _page(
            request, latest, CampaignForm.stored(mine), trouble=trouble, differences=differences
        ),
    )


def _page(
    request: SignedInRequest,
    stored: Stored[RegistrationCampaign],
    form: CampaignForm,
    *,
    is_read_only: bool = False,
    trouble: Trouble | None = None,
    differences: Sequence[Difference] = (),
) -> HttpResponse:
    context: dict[str, Any] = {
        **policy_context(stored.policy, words.campaign_words(), is_read_only=is_read_only, trouble=trouble),
        "tab": "configure",
        "form": form,
        "differences": differences,
    }
    status = trouble.status if trouble else HTTPStatus.OK
    return render(request, "authmethods/center/campaign_configure.html", context, status=status)


def _stored(tenant_id: UUID) -> Stored[RegistrationCampaign]:
    campaign = campaigns.campaign_of(tenant_id)
    return Stored(campaign, campaigns.targets(campaign))


def _stops(_stored: Stored[RegistrationCampaign], _after: RegistrationCampaign, _lists: Collection[Target]) -> str:
    """Asking people, or not asking them, takes nothing away from anybody."""
    return ""
