"""People from a file and into one: upload, what was found, how far it is, and the export."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import ConfirmationNeeded, may_in_tenant, require_in_tenant
from accounts.enums import Act
from accounts.requests import SignedInRequest, confirm_url
from core.csvfiles import BYTE_ORDER_MARK, written
from core.errors import Invalid
from core.uploads import takes_file
from core.wording import number
from directory import actions, queries, wording
from directory.enums import ImportState
from directory.forms import ImportForm
from directory.forms.imports import MOST_BYTES
from directory.judging import FIELDS, WHOLE_LINE
from directory.models import Import, ImportRow
from directory.rules import Problem
from directory.views.over import confirming

ALL, NONE = "all", "none"
NUMBER = re.compile("[0-9]{1,9}")  # of a line
COLUMN_OF = {field: column for column, field in FIELDS.items()} | {WHOLE_LINE: ""}


@takes_file(most_bytes=MOST_BYTES, welcomes=lambda request: may_in_tenant(request.actor, Act.USERS_CREATE))
@require_http_methods(["GET", "HEAD", "POST"])
def import_users(request: SignedInRequest) -> HttpResponse:
    """Choose a file. It is checked; nobody is made yet."""
    is_sent = request.method == "POST"
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW if is_sent else Act.USERS_CREATE)
    form = ImportForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    context: dict[str, Any] = {"nav": "users", "form": form, "columns": list(FIELDS)}
    context["imports"] = queries.imports_of(request.actor)
    status = HTTPStatus.OK
    if is_sent:
        try:
            if form.is_valid():
                name = form.cleaned_data["file"].name or ""
                made = actions.upload(request.actor, name=name, text=form.text)
                return redirect("directory:import", import_id=made.pk)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        except ConfirmationNeeded as needed:
            context |= {"needed": needed.message, "confirm_url": confirm_url(request.path)}
            status = needed.status
    return render(request, "directory/import_new.html", context, status=status)


@require_safe
def import_page(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """Show what was found, or how far it is, or what came of it."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    batch = queries.import_of(request.actor, import_id)
    page = queries.faulty_rows(batch, cursor=request.GET.get("page", ""))
    context = {"nav": "users", "batch": batch, "page": page, "progress": _progress(batch), **_bar(batch)}
    context["rows"] = [(row, _reasons(row)) for row in page.rows]
    context["why_stopped"] = wording.author_may_not()
    if batch.state == ImportState.CHECKED:
        context["choosing"] = queries.choosable_rows(batch, cursor=request.GET.get("good", ""))
    return render(request, "directory/import.html", context)


@require_POST
def choose_rows(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """Keep what is ticked of the lines shown, or all or none at all, and go on to the page that was asked for."""
    then = request.POST.get("then", "")
    if then in (ALL, NONE):
        actions.choose_all(request.actor, import_id=import_id, are_chosen=then == ALL)
        then = request.POST.get("here", "")
    else:
        _choose(request, import_id)
    return redirect(f"{reverse('directory:import', args=[import_id])}?{urlencode({'good': then})}#choosing")


@require_POST
@confirming
def start_import(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """Begin with the lines that are chosen."""
    if "shown" in request.POST:
        _choose(request, import_id)
    try:
        actions.start_import(request.actor, import_id=import_id)
    except Invalid as refused:
        messages.error(request, str(refused.message))
    return redirect("directory:import", import_id=import_id)


@require_POST
@confirming
def discard_import(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """Throw away what was uploaded."""
    actions.discard_import(request.actor, import_id=import_id)
    return redirect("directory:import_users")


@require_safe
def import_progress(request: SignedInRequest, import_id: UUID) -> HttpResponse:
    """Tell the progress bar how far it is."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    batch = queries.import_of(request.actor, import_id)
    is_over = batch.state not in (ImportState.CHECKING, ImportState.RUNNING)
    return JsonResponse({**_bar(batch), "text": _progress(batch), "is_over": is_over})


@require_safe
def import_refused(request: SignedInRequest, import_id: UUID) -> HttpResponseBase:
    """Hand out the lines that are not imported, and why, for whoever mends the file."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    batch = queries.import_of(request.actor, import_id)

    def lines() -> Iterator[str]:
        yield BYTE_ORDER_MARK + written([("line", "userPrincipalName", "displayName", "why")])
        for row in queries.every_faulty_row(batch):
            why = " ".join(f"{column}: {words}" if column else words for column, words in _reasons(row))
            yield written([(row.number, row.upn, row.display_name, why)])

    return _csv(lines(), "not-imported.csv")


@require_safe
def export_users(request: SignedInRequest) -> HttpResponseBase:
    """Hand out everybody as CSV, row by row; no cell of it is a formula to a spreadsheet."""
    actions.note_export(request.actor)
    tenant_id = request.user.tenant_id

    def lines() -> Iterator[str]:
        yield BYTE_ORDER_MARK
        for rows in queries.exported(tenant_id):
            yield written(rows)

    return _csv(lines(), "users.csv")


def _csv(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _choose(request: SignedInRequest, import_id: UUID) -> None:
    shown, chosen = (
        [int(typed) for typed in request.POST.getlist(name) if NUMBER.fullmatch(typed)] for name in ("shown", "chosen")
    )
    actions.choose(request.actor, import_id=import_id, shown=shown, chosen=chosen)


def _bar(batch: Import) -> dict[str, int]:
    if batch.state == ImportState.CHECKING:
        return {"done": batch.good + batch.bad, "total": batch.lines}
    return {"done": batch.created + batch.refused, "total": batch.good}


def _progress(batch: Import) -> str:
    bar = _bar(batch)
    if batch.state == ImportState.CHECKING:
        words = ngettext("%(done)s line checked.", "%(done)s lines checked.", bar["done"])
    else:
        words = _("%(done)s of %(total)s people imported.")
    return words % {"done": number(bar["done"]), "total": number(bar["total"])}


def _reasons(row: ImportRow) -> list[tuple[str, str]]:
    """Return the column, if it is one's, and the words for everything that is wrong with a line."""
    return [(COLUMN_OF[name], wording.problem_message(name, Problem(problem))) for name, problem in row.problems]
