"""The parts of the API, in the order its documents show them."""

from graph.operations import Part
from graph.views import batch, groups, methods, organization, ours, passes, roles, users

PARTS: list[Part] = [
    users.part,
    groups.part,
    roles.part,
    organization.part,
    methods.part,
    passes.part,
    batch.part,
    ours.part,
]
