"""The parts of the API, in the order its documents show them."""

from graph.operations import Part
from graph.views import passes, users

PARTS: list[Part] = [users.part, passes.part]
