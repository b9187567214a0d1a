"""The parts of the API, in the order its documents show them."""

from graph.operations import Part
from graph.views import batch, fido2, groups, logs, methods, organization, ours, passes, policies, reports, roles, users

PARTS: list[Part] = [
    users.part,
    groups.part,
    roles.part,
    organization.part,
    methods.part,
    passes.part,
    fido2.part,
    policies.part,
    reports.part,
    logs.part,
    batch.part,
    ours.part,
]
