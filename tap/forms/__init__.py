"""What the policy's and the passes' pages ask for."""

from tap.forms.configure import ConfigureForm
from tap.forms.passes import PassFilter

__all__ = ["ConfigureForm", "PassFilter"]
