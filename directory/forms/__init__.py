"""What is typed to change the directory."""

from directory.forms.imports import ImportForm
from directory.forms.people import PreferencesForm, RestoreForm, UserForm
from directory.forms.things import DomainForm, GroupForm, TenantForm

__all__ = ["DomainForm", "GroupForm", "ImportForm", "PreferencesForm", "RestoreForm", "TenantForm", "UserForm"]
