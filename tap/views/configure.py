"""The tab Configure."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
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
from core import clock, secrets
from core.wording import duration
from tap import actions, queries, rules, wording
from tap.effects import Draft
from tap.forms import ConfigureForm
from tap.forms.configure import LIFETIMES
from tap.models import TapPolicy
from tap.views.preview import preview_context
from tap.views.target import stored_policy
from tap.views.words import policy_words


@require_http_methods(["GET", "HEAD", "POST"])
def policy_configure(request: SignedInRequest) -> HttpResponse:
    """Show what passes are made like; save it; give it its defaults back."""
    require_view(request)
    stored = stored_policy(request.user.tenant_id)
    may = may_change(request)
    typed = typed_in(request)
    if not may or not typed:
        return _page(request, stored, ConfigureForm.stored(stored.policy, is_read_only=not may), is_read_only=not may)
    form = ConfigureForm(typed)
    is_valid = form.is_valid()
    if "reset_confirmed" in typed:
        return _save(request, stored, form, _reset(request, stored, form))
    is_previewed = "preview" in typed or "person" in typed
    if is_previewed and is_valid:
        return _page(request, stored, form, is_previewed=True)
    if not is_previewed and "save" not in typed and "confirmed" not in typed:
        return _page(request, stored, ConfigureForm.as_typed(typed), is_reset_asked="reset" in typed)
    if not is_valid:
        return _page(request, stored, form, trouble=Trouble(HTTPStatus.UNPROCESSABLE_ENTITY))
    return _save(request, stored, form, _change(request, stored, form))


def _save(
    request: SignedInRequest, stored: Stored[TapPolicy], form: ConfigureForm, proposal: Proposal[TapPolicy]
) -> HttpResponse:
    def in_trouble(trouble: Trouble) -> HttpResponse:
        for name, message in (trouble.fields or {}).items():
            form.add_error(name, str(message))
        return _page(request, stored, form, trouble=trouble)

    return save_or_show(
        request,
        stored,
        proposal,
        reread=stored_policy,
        differ=_differences,
        in_trouble=in_trouble,
        overtaken=lambda latest, mine, trouble, differences: _page(
            request, latest, ConfigureForm.stored(mine), trouble=trouble, differences=differences
        ),
    )


def _change(request: SignedInRequest, stored: Stored[TapPolicy], form: ConfigureForm) -> Proposal[TapPolicy]:
    after = stored.policy.having(form.settings)
    return Proposal(
        version=form.seen_version,
        after=after,
        question=_("Require one-time use?"),
        verb=_("Require one-time use"),
        save=partial(actions.change_policy, request.actor, version=form.seen_version, settings=form.settings),
        stops=partial(_stops, stored, after),
    )


def _reset(request: SignedInRequest, stored: Stored[TapPolicy], form: ConfigureForm) -> Proposal[TapPolicy]:
    after = stored.policy.having(rules.default_settings())
    return Proposal(
        version=form.seen_version,
        after=after,
        question="",
        verb="",
        save=partial(actions.reset_policy, request.actor, version=form.seen_version),
        stops=partial(_stops, stored, after),
    )


def _page(
    request: SignedInRequest,
    stored: Stored[TapPolicy],
    form: ConfigureForm,
    *,
    is_read_only: bool = False,
    trouble: Trouble | None = None,
    differences: Sequence[Difference] = (),
    is_reset_asked: bool = False,
    is_previewed: bool = False,
) -> HttpResponse:
    """Show the form. The example and the effect speak of what Save would store, as far as that can be."""
    proposed = form.proposed_or(stored.policy)
    context: dict[str, Any] = {
        **policy_context(stored.policy, policy_words(), is_read_only=is_read_only, trouble=trouble),
        "tab": "configure",
        "form": form,
        "example": "-".join(secrets.group(rules.example_code(proposed.default_length))),
        "effect": wording.next_pass(proposed),
        "one_time_warning": ""
        if is_read_only or is_previewed or (trouble and trouble.question)
        else _one_time_warning(stored),
        "differences": differences,
        "is_reset_asked": is_reset_asked,
        "can_preview": True,
    }
    if is_previewed:
        context |= preview_context(request, Draft(stored.policy, proposed, stored.lists, stored.lists))
    return render(request, "tap/policy_configure.html", context, status=trouble.status if trouble else HTTPStatus.OK)


def _one_time_warning(stored: Stored[TapPolicy]) -> str:
    """Say what turning one-time use on would stop now, shown beside the switch before anything is saved."""
    return "" if stored.policy.is_usable_once else _stops(stored, stored.policy.having({"is_usable_once": True}))


def _stops(stored: Stored[TapPolicy], after: TapPolicy) -> str:
    effect = queries.effect_of(stored.policy, after, lists=stored.lists, proposed=stored.lists, now=clock.now())
    return wording.effect_of_change(effect, is_about_use=True)


def _differences(latest: TapPolicy, wanted: TapPolicy) -> list[Difference]:
    on, off = _("On"), _("Off")
    labels: Mapping[str, str] = {name: str(ConfigureForm.base_fields[name].label) for name in rules.SETTINGS}

    def text(policy: TapPolicy, name: str) -> str:
        value = getattr(policy, name)
        if name in LIFETIMES:
            return duration(value)
        return (on if value else off) if name == "is_usable_once" else str(value)

    rows = [Difference(labels[name], text(latest, name), text(wanted, name)) for name in rules.SETTINGS]
    return [row for row in rows if row.theirs != row.mine]
