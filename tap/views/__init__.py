"""The pages of the policy and of the tenant's passes."""

from tap.views.configure import policy_configure
from tap.views.passes import passes
from tap.views.target import policy_target

__all__ = ["passes", "policy_configure", "policy_target"]
