"""Passes for many: the form, the question before it begins, how far it is, and undoing it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.access import ConfirmationNeeded, may_in_tenant, require_in_tenant
from accounts.enums import Act
from accounts.queries import group_named
from accounts.requests import SignedInRequest
from authmethods.forms.issue import Setting, city_of
from bulk import actions, queries, wording
from bulk.actions import CODES_KEPT, MOST_PEOPLE, Source
from bulk.enums import Form, OnOpen, State
from bulk.forms import MOST_BYTES, BatchForm, HandOverForm, StartForm, as_shown, ids_in
from bulk.models import Batch
from bulk.queries import Counts
from core import clock
from core.errors import Conflict, Invalid
from core.paging import page_of
from core.secrets import group, make_code
from core.uploads import takes_file
from tap.issuing import Wish
from tap.queries import policy_of

PASSWORD_LENGTH = 20
MOST_SHEETS = 500
COOKIE = f"{settings.COOKIE_PREFIX}gatepass-batch-"
NEW = "bulk:new"


@takes_file(most_bytes=MOST_BYTES, welcomes=lambda request: may_in_tenant(request.actor, Act.PASS_ISSUE))
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Choose the people and what their passes are like."""
    is_sent = request.method == "POST"
    if not (is_sent and may_in_tenant(request.actor, Act.PASS_ISSUE)):
        require_in_tenant(request.actor, Act.PASS_ISSUE)
    chosen = _chosen(request)
    setting = Setting(request.user, request.actor.user_id, policy_of(request.user.tenant_id), clock.now())
    form = BatchForm(
        request.POST if is_sent else None,
        files=request.FILES,
        setting=setting,
        initial={},
        needs_list=chosen is None,
    )
    context = {"nav": "passes", "form": form, "policy": setting.policy, "chosen": chosen, "now": setting.now}
    context |= {"own_zone": setting.own_zone, "person_zone": setting.own_zone, "own_city": city_of(setting.own_zone)}
    if is_sent and form.is_valid():
        source = chosen or Source(form.list_name, upns=form.upns)
        wish = Wish(form.lifetime, form.starts_at, form.is_usable_once, form.note)
        try:
            made = actions.draft(request.actor, batch_id=form.pass_id, source=source, wish=wish)
        except Invalid as refused:
            form.add_error("names" if "names" in form.fields else None, str(refused.message))
        except ConfirmationNeeded as needed:
            context["needed"] = needed.message
        else:
            return redirect("bulk:batch", made.pk)
    context["batches"] = queries.batches_of(request.actor)
    return render(request, "bulk/new.html", context)


@require_safe
def batch(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch as it stands: the question, how far it is, or what came of it."""
    require_in_tenant(request.actor, Act.PASS_ISSUE)
    return render(request, "bulk/batch.html", batch_page(request, queries.batch_of(request.actor, batch_id)))


@require_POST
@sensitive_variables("key", "context")
def start(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Begin, and show the key once. The browser keeps it in a cookie that only the hand-over reads."""
    form = StartForm(request.POST)
    on_open = OnOpen(form.cleaned_data["on_open"]) if form.is_valid() else OnOpen.SKIP
    try:
        key = actions.start(request.actor, batch_id=batch_id, on_open=on_open)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect("bulk:batch", batch_id)
    found = queries.batch_of(request.actor, batch_id)
    response = render(request, "bulk/started.html", {"nav": "passes", "batch": found, "key": " ".join(group(key))})
    response.set_cookie(
        cookie_of(found),
        key,
        max_age=CODES_KEPT,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    _forget_old_keys(request, response)
    return response


@require_POST
def discard(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    try:
        actions.discard(request.actor, batch_id=batch_id)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect("bulk:batch", batch_id)
    messages.success(request, _("List discarded. No pass was issued."))
    return redirect(NEW)


@require_GET
def progress(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Say how far a batch is, to the script of its page."""
    require_in_tenant(request.actor, Act.PASS_ISSUE)
    found = queries.batch_of(request.actor, batch_id)
    counts = queries.counts_of(found)
    text = wording.progress(counts)
    return JsonResponse({"done": counts.done, "total": counts.total, "text": text, "is_over": found.is_over})


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Ask, then delete every unused pass of a batch."""
    require_in_tenant(request.actor, Act.PASS_DELETE)
    found = queries.batch_of(request.actor, batch_id)
    if request.method == "POST":
        deleted = actions.undo(request.actor, batch_id=batch_id)
        words = ngettext("%(count)s unused pass was deleted.", "%(count)s unused passes were deleted.", deleted)
        messages.success(request, words % {"count": deleted})
        return redirect("bulk:batch", batch_id)
    context = batch_page(request, found) | {"close_url": f"{reverse('bulk:batch', args=[batch_id])}#undo"}
    return render(request, "bulk/undo.html", context)


def batch_page(request: SignedInRequest, found: Batch) -> dict[str, Any]:
    """Return what the page of a batch shows."""
    counts = queries.counts_of(found)
    page = page_of(queries.refused_rows(found), order=("position", "id"), cursor=request.GET.get("page", ""))
    context: dict[str, Any] = {"nav": "passes", "batch": found, "counts": counts, "page": page}
    context |= {
        "facts": wording.facts(found),
        "progress": wording.progress(counts),
        "is_draft": found.state == State.DRAFT,
        "is_running": found.state == State.RUNNING,
        "start_form": StartForm(),
    }
    policy = policy_of(found.tenant_id)
    context["rows"] = [(row, wording.problem(row, policy)) for row in page.rows]
    if found.is_over and counts.sealed and not found.handed_over_at:
        password = make_code(PASSWORD_LENGTH)
        form = Form.SHEETS if can_be_printed(counts) else Form.ZIP
        context["hand_over_form"] = HandOverForm(initial={"password": password, "form": form})
        context |= {"password": as_shown(password), "has_key": cookie_of(found) in request.COOKIES}
    return context


def can_be_printed(counts: Counts) -> bool:
    """True where one page can hold all sheets."""
    return counts.sealed <= MOST_SHEETS


def cookie_of(found: Batch) -> str:
    """Return the name of the cookie that holds the key of a batch."""
    return f"{COOKIE}{found.pk.hex[:12]}"


def _forget_old_keys(request: SignedInRequest, response: HttpResponse) -> None:
    """Take away the keys of batches that are listed no more: a server hears only so many cookies with each request."""
    kept = {cookie_of(one) for one in queries.batches_of(request.actor)}
    for name in request.COOKIES:
        if name.startswith(COOKIE) and name not in kept:
            response.delete_cookie(name, samesite="Strict")


def _chosen(request: SignedInRequest) -> Source | None:
    """Return whom the address speaks of: a group, or people chosen in a list."""
    if group_id := next(iter(ids_in(request.GET.getlist("group"))), None):
        found = group_named(request.user.tenant_id, group_id)
        members = queries.members(found, most=MOST_PEOPLE + 1)
        return Source(_("Group %(name)s") % {"name": found.name}, user_ids=members, is_group=True)
    if people := ids_in(request.GET.getlist("user")):
        words = ngettext("%(count)s chosen person", "%(count)s chosen people", len(people))
        return Source(words % {"count": len(people)}, user_ids=people)
    return None
