"""The admin center's Home, and the lists behind two of its figures."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import require_in_tenant
from accounts.authority import Actor, reach_of
from accounts.enums import Act, Standing
from accounts.queries import Counted
from accounts.requests import SignedInRequest
from audit.reasons import plain
from authmethods import queries
from authmethods.queries import DAYS, EDGES, MOST_COUNTED, Figures, TimesToPasskey
from core import clock
from core.charts import BarChart, Mark, Series
from core.paging import PAGE_SIZE, page_of
from core.templatetags.ui.times import utc_offset
from core.text import Text
from tap import queries as tap
from tap import wording as tap_wording
from tap.enums import Listing

FIRST_PASSES = 5
SECONDS_MATTER_BELOW = 10  # minutes


@dataclass(frozen=True)
class Tile:
    """One figure, and the list behind it."""

    label: Text
    value: str
    note: str
    colour: str
    url: str


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show how it goes with passes, to whom that is given."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    return render(request, "authmethods/center/home.html", home_page(request))


@require_safe
def without_passkey(request: SignedInRequest) -> HttpResponse:
    """List who signed in with a pass of late and has no passkey."""
    require_in_tenant(request.actor, Act.PASS_VIEW)
    people = [one for one in queries.sign_ins_with_pass(request.actor, now=clock.now()) if not one.has_passkey]
    page = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    users = queries.people_of([one.user_id for one in page.object_list])
    rows = [{"person": users[one.user_id], "used_at": one.used_at} for one in page.object_list]
    context = {"nav": "home", "rows": rows, "count": len(people), "days": DAYS, "may_issue": may_issue(request.actor)}
    addresses = {
        "prev_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "authmethods/center/without_passkey.html", context | addresses)


@require_safe
def blocked(request: SignedInRequest) -> HttpResponse:
    """List the refused sign-ins with a pass of the last day, with the true reason."""
    require_in_tenant(request.actor, Act.PASS_VIEW)
    events = queries.blocked_sign_ins(request.actor, now=clock.now())
    page = page_of(events, order=("-at", "-id"), cursor=request.GET.get("cursor", ""))
    people = queries.people_of([event.target_id for event in page.rows if event.target_id])
    rows = [
        {
            "event": event,
            "person": event.target_id and people.get(event.target_id),
            "why": plain(event.reason),
        }
        for event in page.rows
    ]
    addresses = {
        "prev_url": f"?cursor={page.previous}" if page.previous else "",
        "next_url": f"?cursor={page.next}" if page.next else "",
    }
    return render(request, "authmethods/center/blocked.html", {"nav": "home", "rows": rows} | addresses)


def home_page(request: SignedInRequest) -> dict[str, Any]:
    """Return what Home shows; the panel to issue a pass is drawn over it."""
    actor, now = request.actor, clock.now()
    context: dict[str, Any] = {
        "nav": "home",
        "today": _today(timezone.localtime(now)),
        "may_view": Standing.MEMBER in reach_of(actor, Act.PASS_VIEW),
        "may_issue": may_issue(actor),
        "may_view_policy": bool(reach_of(actor, Act.POLICY_VIEW)),
    }
    if not context["may_view"]:
        return context
    figures, sign_ins = queries.figures_of(actor, now=now), queries.sign_ins_with_pass(actor, now=now)
    times = queries.times_to_passkey(sign_ins)
    missing = sum(not one.has_passkey for one in sign_ins)
    first = queries.next_to_end(actor, now=now, most=FIRST_PASSES)
    states = tap.states_of(first, policy=figures.policy, now=now)
    return context | {
        "figures": figures,
        "tiles": _tiles(figures),
        "ends": _ends_chart(figures),
        "times": times,
        "ninetieth": _minutes(times.ninetieth) if times.seconds else "",
        "times_chart": _times_chart(times) if times.seconds else None,
        "missing": missing,
        "missing_text": _missing(missing),
        "rows": [{"issued": one, "person": one.user, "pill": tap_wording.pill(states[one.id])} for one in first],
    }


def may_issue(actor: Actor) -> bool:
    """True where the actor's roles let him issue passes to somebody."""
    return Standing.MEMBER in reach_of(actor, Act.PASS_ISSUE)


def _tiles(figures: Figures) -> list[Tile]:
    ending, start, share = figures.ending_soon, figures.next_start, figures.expired_share
    soon = ngettext("%(count)s ends within the hour", "%(count)s end within the hour", ending.number)
    days = ngettext("Last %(count)s day", "Last %(count)s days", DAYS) % {"count": DAYS}
    unused = _("%(share)s%% of those that ended, last %(count)s days") % {"share": share, "count": DAYS}
    next_one = date_format(timezone.localtime(start), _("j M, H:i")) if start else ""
    return [
        _tile(Listing.LIVE, _("Active"), figures.active, soon % {"count": _shown(ending)}, "blue"),
        _tile(
            Listing.SCHEDULED,
            _("Not yet valid"),
            figures.scheduled,
            _("Next starts %(when)s") % {"when": next_one} if start else _("None is waiting"),
            "purple",
        ),
        _tile(Listing.USED, _("Used, one-time"), figures.used, days, "green"),
        _tile(Listing.EXPIRED, _("Expired unused"), figures.expired, days if share is None else unused, "grey"),
        Tile(
            _("Blocked sign-ins"),
            _shown(figures.blocked),
            _("Wrong or unusable pass, last 24 hours"),
            "red",
            reverse("authmethods:blocked"),
        ),
    ]


def _tile(listing: Listing, label: str, count: Counted, note: str, colour: str) -> Tile:
    return Tile(label, _shown(count), note, colour, f"{reverse('tap:passes')}?state={listing.value}")


def _shown(count: Counted) -> str:
    return f"{count.number}+" if count.is_more else str(count.number)


def _ends_chart(figures: Figures) -> BarChart:
    days = figures.days
    return BarChart(
        title=_("How passes ended"),
        label_title=_("Day"),
        labels=[str(day.date.day) for day in days],
        series=(
            Series(_("Used"), "green", [min(day.used, MOST_COUNTED) for day in days]),
            Series(_("Expired unused"), "grey", [min(day.expired, MOST_COUNTED) for day in days]),
            Series(_("Deleted"), "orange", [min(day.deleted, MOST_COUNTED) for day in days]),
        ),
    )


def _times_chart(times: TimesToPasskey) -> BarChart:
    between = [f"{least}–{most}" for least, most in pairwise(EDGES)]
    labels = [f"<{EDGES[0]}", *between, f">{EDGES[-1]}"]
    text = _("Median %(time)s") % {"time": _minutes(times.median)}
    return BarChart(
        title=_("Time to first passkey"),
        label_title=_("Minutes"),
        labels=labels,
        series=(Series(_("People"), "blue", times.bars),),
        mark=Mark(at=times.median_place, text=text),
    )


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if not rest or minutes >= SECONDS_MATTER_BELOW:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}


def _today(now: datetime) -> str:
    return f"{date_format(now, _('l j F Y, H:i'))} ({utc_offset(now)})"


def _missing(count: int) -> str:
    return ngettext(
        "%(count)s person signed in with a pass but has no passkey yet.",
        "%(count)s people signed in with a pass but have no passkey yet.",
        count,
    ) % {"count": count}
