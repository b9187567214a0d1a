"""The audit log and the sign-ins: the events the pages show, by Graph's names."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpResponse

from accounts.enums import Act
from audit import queries
from audit.enums import Outcome
from audit.models import AuditEvent
from audit.queries import Filters
from core.errors import NotFound
from graph import serialise
from graph.answers import belongs_to, collection, entity
from graph.entrance import GraphRequest
from graph.enums import Dialect, Version
from graph.errors import Unsupported, absent
from graph.odata.fields import identifier, moment, text
from graph.odata.grammar import Both, Claim, Tree
from graph.odata.options import Serves, read_options
from graph.odata.paging import Position, read_token
from graph.operations import Part
from graph.permissions import AUDIT_READ
from graph.shapes.base import Collection, Shape
from graph.shapes.reports import DirectoryAudit, SignIn

part = Part("Logs", Dialect.DIRECTORY)
AUDITS, SIGN_INS = "/auditLogs/directoryAudits", "/auditLogs/signIns"
BY_TIME = ("at", "id")
SERVES_AUDITS = Serves(
    properties=DirectoryAudit.properties(), orders={"activityDateTime": BY_TIME}, is_small=True, is_paged=True
)
SERVES_SIGN_INS = Serves(
    properties=(*SignIn.properties(), "authenticationDetails"),
    orders={"createdDateTime": BY_TIME},
    is_small=True,
    is_paged=True,
)
# What a property is called among the filters of the logs.
TEXTS = {"activitydisplayname": "activity", "correlationid": "request_id"}
PEOPLE = {"initiatedby/user/id": "actor_id", "targetresources/id": "target_id", "userid": "target_id"}
MOMENTS = frozenset({"activitydatetime", "createddatetime"})
RESULTS = {"success": Outcome.SUCCESS, "failure": Outcome.FAILURE}
LEAST = timedelta(microseconds=1)


@part.get(AUDITS, need=AUDIT_READ, returns=Collection[DirectoryAudit], serves=SERVES_AUDITS)
def list_directory_audits(request: GraphRequest) -> HttpResponse:
    """Return what was done, newest first."""
    return _page(request, SERVES_AUDITS, context="auditLogs/directoryAudits", is_sign_in=False)


@part.get(f"{AUDITS}/{{event_id}}", need=AUDIT_READ, returns=DirectoryAudit)
def get_directory_audit(request: GraphRequest, event_id: str) -> HttpResponse:
    """Return one act."""
    return _one(request, event_id, context="auditLogs/directoryAudits", is_sign_in=False)


@part.get(SIGN_INS, need=AUDIT_READ, returns=Collection[SignIn], serves=SERVES_SIGN_INS)
def list_sign_ins(request: GraphRequest) -> HttpResponse:
    """Return who signed in or tried to, newest first. In beta with the method."""
    return _page(request, SERVES_SIGN_INS, context="auditLogs/signIns", is_sign_in=True)


@part.get(f"{SIGN_INS}/{{event_id}}", need=AUDIT_READ, returns=SignIn)
def get_sign_in(request: GraphRequest, event_id: str) -> HttpResponse:
    """Return one sign-in."""
    return _one(request, event_id, context="auditLogs/signIns", is_sign_in=True)


def _page(request: GraphRequest, serves: Serves, *, context: str, is_sign_in: bool) -> HttpResponse:
    caller = request.caller
    caller.require(Act.AUDIT_VIEW)
    asked = read_options(request.GET, serves, tenant_id=caller.tenant_id)
    if asked.order is not None and not asked.order[0].startswith("-"):
        raise Unsupported("The logs are read newest first.")
    wanted = replace(_filters(asked.tree), is_sign_in=is_sign_in)
    at = read_token(asked.skiptoken, belongs_to=belongs_to(request, asked))
    page = queries.page(caller.tenant_id, wanted, cursor=at.cursor, size=asked.top)
    following = Position(0, page.next) if page.next else None
    shapes = [_shape(row, request.version) for row in page.rows]
    return collection(request, shapes, context=context, asked=asked, following=following)


def _one(request: GraphRequest, event_id: str, *, context: str, is_sign_in: bool) -> HttpResponse:
    caller = request.caller
    caller.require(Act.AUDIT_VIEW)
    read_options(request.GET, Serves(), tenant_id=caller.tenant_id)
    try:
        event = queries.event_of(caller.tenant_id, _number(event_id))
    except NotFound:
        raise absent(event_id) from None
    if event.is_sign_in is not is_sign_in:
        raise absent(event_id)
    return entity(request, _shape(event, request.version), context=context)


def _shape(event: AuditEvent, version: Version) -> Shape:
    if not event.is_sign_in:
        return serialise.directory_audit(event)
    return serialise.beta_sign_in(event) if version is Version.BETA else serialise.sign_in(event)


def _filters(tree: Tree | None) -> Filters:
    """Return what the log is asked for. Raises Unsupported, BadQuery."""
    wanted = Filters()
    parts = () if tree is None else tree.parts if isinstance(tree, Both) else (tree,)
    for claim in parts:
        if not isinstance(claim, Claim):
            raise Unsupported("The logs are filtered by conditions that all hold, joined by 'and'.")
        wanted = _narrowed(wanted, claim)
    return wanted


def _narrowed(wanted: Filters, claim: Claim) -> Filters:
    name, value = claim.path.lower(), claim.values[0]
    narrower: dict[str, Any]
    if name in MOMENTS and claim.operator in {"ge", "gt"}:
        return replace(wanted, begins=moment(value) + (LEAST if claim.operator == "gt" else timedelta()))
    if name in MOMENTS and claim.operator in {"le", "lt"}:
        return replace(wanted, ends=moment(value) + (LEAST if claim.operator == "le" else timedelta()))
    if claim.operator == "eq" and claim.is_any == (name == "targetresources/id"):
        if name in TEXTS:
            narrower = {TEXTS[name]: text(value)}
            return replace(wanted, **narrower)
        if name in PEOPLE:
            narrower = {PEOPLE[name]: identifier(value)}
            return replace(wanted, **narrower)
        if name == "result" and value in RESULTS:
            return replace(wanted, outcome=RESULTS[str(value)])
    raise Unsupported(f"Unsupported filter of the logs: '{claim.operator}' on '{claim.path[:60]}'.")


def _with(wanted: Filters, name: str, value: Any) -> Filters:
    return replace(wanted, **{name: value})


def _number(event_id: str) -> int:
    if not event_id.isascii() or not event_id.isdecimal() or len(event_id) > len(str(2**62)):
        raise absent(event_id)
    return int(event_id)
