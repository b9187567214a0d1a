"""The caller's organisation and its domains."""

from django.http import HttpResponse

from accounts.enums import Act
from accounts.models import Domain, Tenant
from graph import serialise
from graph.answers import collection, entity
from graph.entrance import GraphRequest
from graph.enums import Dialect
from graph.errors import absent
from graph.odata.options import Asked, Serves, read_options
from graph.operations import Part
from graph.permissions import DOMAINS_READ, ORGANIZATION_READ
from graph.shapes.base import Collection
from graph.shapes.directory import Domain as DomainShape
from graph.shapes.directory import Organization
from graph.small import keep

part = Part("Organisation", Dialect.DIRECTORY)
ORGANIZATIONS = Serves(properties=Organization.properties())
DOMAINS = Serves(properties=DomainShape.properties(), is_small=True)


@part.get("/organization", need=ORGANIZATION_READ, returns=Collection[Organization], serves=ORGANIZATIONS)
def list_organizations(request: GraphRequest) -> HttpResponse:
    """Return the caller's organisation: there is one."""
    asked = read_options(request.GET, ORGANIZATIONS, tenant_id=request.caller.tenant_id)
    return collection(request, [_organization(request)], context="organization", asked=asked)


@part.get("/organization/{organization_id}", need=ORGANIZATION_READ, returns=Organization, serves=ORGANIZATIONS)
def get_organization(request: GraphRequest, organization_id: str) -> HttpResponse:
    """Return the caller's organisation by its id."""
    asked = read_options(request.GET, ORGANIZATIONS, tenant_id=request.caller.tenant_id)
    if organization_id.lower() != str(request.caller.tenant_id):
        raise absent(organization_id)
    return entity(request, _organization(request), context="organization", asked=asked)


@part.get("/domains", need=DOMAINS_READ, returns=Collection[DomainShape], serves=DOMAINS)
def list_domains(request: GraphRequest) -> HttpResponse:
    """Return the organisation's domains."""
    asked = _asked(request)
    kept = keep(map(serialise.domain, _domains(request)), asked.tree, DOMAINS)
    return collection(request, kept, context="domains", asked=asked)


@part.get("/domains/{domain_id}", need=DOMAINS_READ, returns=DomainShape)
def get_domain(request: GraphRequest, domain_id: str) -> HttpResponse:
    """Return a domain by its name."""
    _asked(request)
    found = next((one for one in _domains(request) if one.name == domain_id.lower()), None)
    if found is None:
        raise absent(domain_id)
    return entity(request, serialise.domain(found), context="domains")


def _asked(request: GraphRequest) -> Asked:
    request.caller.require(Act.DIRECTORY_VIEW)
    return read_options(request.GET, DOMAINS, tenant_id=request.caller.tenant_id)


def _organization(request: GraphRequest) -> Organization:
    return serialise.organization(Tenant.objects.get(pk=request.caller.tenant_id), _domains(request))


def _domains(request: GraphRequest) -> list[Domain]:
    return list(Domain.objects.filter(tenant_id=request.caller.tenant_id).order_by("-is_default", "name"))
