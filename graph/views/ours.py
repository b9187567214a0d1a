"""What Graph does not have, under ``/gatepass``: all passes of the organisation, and why somebody can or cannot use one."""

from collections.abc import Mapping

from django.http import HttpResponse

from accounts.enums import Act
from core import clock
from graph import queries, serialise
from graph.answers import base_of, belongs_to, collection, entity
from graph.entrance import GraphRequest
from graph.enums import Dialect, Version
from graph.errors import Unsupported
from graph.odata.grammar import Claim, Tree
from graph.odata.options import Serves, read_options
from graph.odata.paging import read_token
from graph.operations import Part
from graph.permissions import PASSES_READ
from graph.shapes.base import Collection
from graph.shapes.methods import PassOfTenant
from graph.shapes.ours import Diagnosis, Finding
from tap.diagnosis import Case, diagnose, new_pass_helps
from tap.diagnosis import Finding as Found
from tap.enums import Check, Listing
from tap.queries import case_of, holders, states_of_listed
from tap.wording import asked as question_of
from tap.wording import found as answer_of

part = Part("Beyond Graph", Dialect.METHODS, is_ours=True)
PASSES = Serves(properties=PassOfTenant.properties(), is_small=True, is_paged=True)
POLICY = "PATCH {base}/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"
NEW_ONE = "POST {base}/users/{user}/authentication/temporaryAccessPassMethods"
ACCOUNT = "PATCH {base}/users/{user}"
# The request that would change a rule's answer; the others change by themselves, or outside of this API.
CHANGED_BY: Mapping[Check, str] = {
    Check.ACCOUNT_ENABLED: ACCOUNT,
    **dict.fromkeys((Check.METHOD_ON, Check.INCLUDED, Check.NOT_EXCLUDED), POLICY),
}


@part.get("/gatepass/temporaryAccessPasses", need=PASSES_READ, returns=Collection[PassOfTenant], serves=PASSES)
def list_all_passes(request: GraphRequest) -> HttpResponse:
    """Return the passes of the organisation that the caller may see, those that end last first.

    $filter=state eq 'live' (or scheduled, used, expired) leaves those of one state, in its own order.
    """
    caller, now = request.caller, clock.now()
    caller.require(Act.PASS_VIEW)
    asked = read_options(request.GET, PASSES, tenant_id=caller.tenant_id)
    found = queries.passes(
        caller.actor,
        _listings(asked.tree),
        at=read_token(asked.skiptoken, belongs_to=belongs_to(request, asked)),
        size=asked.top,
        now=now,
    )
    states = states_of_listed(found.rows, now=now)
    shapes = [serialise.pass_of_tenant(one, states[one.id], now=now) for one in found.rows]
    return collection(request, shapes, context="gatepass.temporaryAccessPasses", asked=asked, following=found.next)


@part.get("/gatepass/users/{user_id}/temporaryAccessPass/why", need=PASSES_READ, returns=Diagnosis)
def why(request: GraphRequest, user_id: str) -> HttpResponse:
    """Say whether a person can use a pass now: every rule in order, its answer, and what would change it."""
    read_options(request.GET, Serves(), tenant_id=request.caller.tenant_id)
    reached, now = request.caller.person(user_id, Act.PASS_VIEW, people=holders()), clock.now()
    case = case_of(reached.user, now=now, roles=reached.roles)
    findings = diagnose(case, now=now)
    shape = Diagnosis(
        id=str(case.user.id),
        user_principal_name=case.user.upn,
        can_use=not any(one.stops for one in findings),
        findings=[_finding(one, case, request.version) for one in findings],
    )
    return entity(request, shape, context="gatepass.passDiagnoses")


def _finding(found: Found, case: Case, version: Version) -> Finding:
    mend = CHANGED_BY.get(found.check) or (NEW_ONE if new_pass_helps(case, found.check) else None)
    request = mend if found.stops else None
    return Finding(
        rule=found.check.value,
        question=str(question_of(found.check)),
        verdict=found.verdict.value,
        answer=str(answer_of(found, case)),
        changed_by=request.format(base=base_of(version), user=case.user.id) if request else None,
    )


def _listings(tree: Tree | None) -> list[Listing]:
    if tree is None:
        return []
    if not isinstance(tree, Claim) or tree.path.lower() != "state" or tree.operator not in {"eq", "in"}:
        raise Unsupported("Passes can be filtered by state: live, scheduled, used or expired.")
    wanted = {str(value).lower() for value in tree.values}
    chosen = [listing for listing in Listing if listing.value in wanted]
    if len(chosen) < len(wanted):
        raise Unsupported("Passes can be filtered by state: live, scheduled, used or expired.")
    return chosen
