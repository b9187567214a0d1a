"""Who has registered what."""

from django.http import HttpResponse

from accounts.access import require
from accounts.enums import Act, Standing
from core import clock
from graph import registration
from graph.answers import belongs_to, collection, entity
from graph.entrance import GraphRequest
from graph.enums import Dialect
from graph.odata.options import Serves, read_options
from graph.odata.paging import read_token
from graph.operations import Part
from graph.permissions import REGISTRATION_READ
from graph.shapes.base import Collection
from graph.shapes.reports import RegistrationDetails

part = Part("Reports", Dialect.DIRECTORY)
DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
ONE = Serves(properties=RegistrationDetails.properties())


@part.get(DETAILS, need=REGISTRATION_READ, returns=Collection[RegistrationDetails], serves=registration.SERVES)
def list_registration_details(request: GraphRequest) -> HttpResponse:
    """Return people with what they have registered. With a filter a page may be short, and more follow all the same."""
    caller = request.caller
    caller.require_others()
    require(caller.actor, Act.METHODS_VIEW, Standing.ADMIN)  # it shows everybody, administrators included
    asked = read_options(request.GET, registration.SERVES, tenant_id=caller.tenant_id)
    at = read_token(asked.skiptoken, belongs_to=belongs_to(request, asked))
    found = registration.page(caller.tenant_id, asked, at=at, now=clock.now())
    return collection(request, found.details, context="userRegistrationDetails", asked=asked, following=found.next)


@part.get(f"{DETAILS}/{{user_id}}", need=REGISTRATION_READ, returns=RegistrationDetails, serves=ONE)
def get_registration_details(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return what one person has registered."""
    caller = request.caller
    user = caller.person(user_id, Act.METHODS_VIEW).user
    asked = read_options(request.GET, ONE, tenant_id=caller.tenant_id)
    shape = registration.details_of(user, now=clock.now())
    return entity(request, shape, context="userRegistrationDetails", asked=asked)
