"""What the policy's and the passes' pages ask for."""

from tap.forms.configure import ConfigureForm
from tap.forms.passes import PassFilter
from tap.forms.target import TargetDraft, TargetForm

__all__ = ["ConfigureForm", "PassFilter", "TargetDraft", "TargetForm"]
