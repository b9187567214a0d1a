"""In which language and time zone a person is spoken to: his own choice."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from core.errors import Invalid
from core.http import keep_choice
from directory import actions
from directory.forms import PreferencesForm


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedInRequest) -> HttpResponse:
    """Choose them. The browser keeps the language, so that it is the same once the person has signed out."""
    form = PreferencesForm(request.POST if request.method == "POST" else None, person=request.user)
    if form.is_bound and form.is_valid():
        try:
            user = actions.set_preferences(request.actor, **form.cleaned_data)
        except Invalid as invalid:
            for name, message in invalid.fields.items():
                form.add_error(name, str(message))
        else:
            response = redirect("directory:preferences")
            if user.language:
                keep_choice(response, settings.LANGUAGE_COOKIE_NAME, user.language)
            with translation.override(user.language or request.LANGUAGE_CODE):
                messages.success(request, _("Saved. Pages speak your language from here on."))
            return response
    return render(request, "directory/preferences.html", {"nav": "preferences", "form": form})
