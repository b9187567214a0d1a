"""The headings of the support desk's navigation."""

from django.utils.translation import gettext_lazy as _

PEOPLE = _("People")
SIGN_IN = _("Sign-in")
WHAT_HAPPENED = _("What happened")
POLICIES = _("Policies")
ORGANISATION = _("Organisation")
