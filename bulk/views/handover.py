"""The one answer that holds the codes of a batch."""

import io
from urllib.parse import urlencode
from uuid import UUID

import pyzipper
import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from accounts.access import require_in_tenant
from accounts.enums import Act
from accounts.requests import SignedInRequest
from bulk import actions, queries
from bulk.actions import Handed
from bulk.enums import Form
from bulk.forms import HandOverForm
from bulk.models import Batch
from bulk.views.batches import batch_page, can_be_printed, cookie_of
from core.csvfiles import BYTE_ORDER_MARK, written
from core.errors import Conflict, Invalid
from core.http import public_link


@require_POST
@sensitive_post_parameters("key", "password")
@sensitive_variables("handed", "key")
def hand_over(request: SignedInRequest, batch_id: UUID) -> HttpResponse:
    """Open the codes for whoever has the key: as sheets to print, or as an encrypted file."""
    require_in_tenant(request.actor, Act.PASS_ISSUE)
    found = queries.batch_of(request.actor, batch_id)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return render(request, "bulk/batch.html", batch_page(request, found) | {"hand_over_form": form}, status=400)
    wanted = Form(form.cleaned_data["form"])
    if wanted is Form.SHEETS and not can_be_printed(queries.counts_of(found)):
        messages.error(request, _("There are too many passes to print at once. Choose the encrypted file."))
        return redirect("bulk:batch", batch_id)
    key = form.cleaned_data["key"] or request.COOKIES.get(cookie_of(found), "")
    try:
        handed = actions.hand_over(request.actor, batch_id=batch_id, key=key, form=wanted)
    except Invalid as refused:
        messages.error(request, str(refused.fields.get("key", refused.message)))
        return redirect("bulk:batch", batch_id)
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return redirect("bulk:batch", batch_id)
    response = (
        _sheets(request, found, handed) if wanted is Form.SHEETS else _file(handed, form.cleaned_data["password"])
    )
    response.headers["Cache-Control"] = "no-store"
    response.delete_cookie(cookie_of(found), samesite="Strict")
    return response


@sensitive_variables("handed", "sheets")
def _sheets(request: SignedInRequest, found: Batch, handed: list[Handed]) -> HttpResponse:
    sheets = []
    for one in handed:
        link = public_link(f"{reverse('signin:tap_link')}?{urlencode({'u': one.user.upn})}")
        sheets.append(
            {
                "one": one,
                "qr": segno.make(link).svg_inline(border=0, omitsize=True),
                "zone": found.tenant.zone_for(one.user.time_zone),
                "language": one.user.language_or(request.LANGUAGE_CODE),
                "code_id": f"sheet-code-{one.issued.pk.hex}",
            }
        )
    context = {
        "nav": "passes",
        "batch": found,
        "sheets": sheets,
        "link_text": public_link(reverse("signin:tap_link")).partition("//")[2].rstrip("/"),
        "issuer": request.actor.name,
    }
    return render(request, "bulk/sheets.html", context)


@sensitive_variables("handed", "password", "table")
def _file(handed: list[Handed], password: str) -> HttpResponse:
    """Return a table in a ZIP file with AES-256, which common programs open."""
    header = ["displayName", "userPrincipalName", "pass", "worksFrom", "worksUntil", "oneTime"]
    rows = [
        [
            one.user.display_name,
            one.user.upn,
            one.code,
            timezone.localtime(one.issued.starts_at).isoformat(timespec="minutes"),
            timezone.localtime(one.issued.ends_at).isoformat(timespec="minutes"),
            "yes" if one.issued.is_usable_once else "no",
        ]
        for one in handed
    ]
    table = written([header, *rows])
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(password.encode())
        packed.writestr("passes.csv", BYTE_ORDER_MARK + table)
    response = HttpResponse(out.getvalue(), content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="passes.zip"'
    return response
