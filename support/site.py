"""The support desk: Django's admin site without a door of its own. It stands behind our sign-in and our rights."""

from functools import update_wrapper
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from accounts.access import ConfirmationNeeded, require_in_tenant
from accounts.authority import Reason, decide
from accounts.enums import Act, Standing
from accounts.requests import Request, SignedInRequest
from core import clock
from core.http import safe_next


class SupportSite(AdminSite):
    """Who may come in is decided at each request: support staff, with a fresh multi-factor sign-in."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the caller may look at anything here."""
        actor = cast("Request", request).actor
        return decide(actor, Act.SUPPORT_VIEW, Standing.MEMBER, now=clock.now()).is_allowed

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a view. Whoever has no right is told so; whose sign-in is too old or too weak is asked to confirm."""

        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                require_in_tenant(request.actor, Act.SUPPORT_VIEW)
            except ConfirmationNeeded as needed:
                # A form is sent: its action asks for a fresh sign-in too, and what was typed is not lost.
                if request.method != "POST" or needed.reason is not Reason.SIGN_IN_NOT_FRESH:
                    raise
            answer: HttpResponse = view(request, *args, **kwargs)
            return answer

        return update_wrapper(guarded, view)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        """Send whoever asks for a sign-in to the only one there is."""
        wanted = safe_next(request, reverse("admin:index"))
        if request.user.is_authenticated:
            return redirect(wanted)
        return redirect(f"{reverse('signin:identify')}?{urlencode({'next': wanted})}")

    @method_decorator(require_safe)
    def index(self, request: HttpRequest, extra_context: object = None) -> TemplateResponse:
        """Show what there is to look at."""
        return TemplateResponse(request, "admin/index.html", self.each_context(request) | {"current": "index"})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Serve the lists and nothing else of what Django's admin brings."""
        urls: list[URLPattern | URLResolver] = [
            path("", self.admin_view(self.index), name="index"),
            path("login/", self.login, name="login"),
        ]
        for register in self.registers:
            label, name = register.opts.app_label, register.opts.model_name
            urls.append(path(f"{label}/{name}/", include(register.urls)))
        return urls

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page here shows around its own."""
        return {"site": self, "registers": self.registers}

    @property
    def registers(self) -> list[Any]:
        """Return the lists, in the order they were added."""
        return list(self._registry.values())


site = SupportSite(name="admin")
