"""What the pages have in common: a panel with a form, and a question, each over the page it belongs to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access import ConfirmationNeeded, Reached, ReachedGroup, reach, reach_group
from accounts.authority import Actor
from accounts.enums import Act
from accounts.requests import SignedInRequest, confirm_url
from core.errors import Conflict, DomainError, Invalid, NotFound
from directory.forms.edits import Edits

View = TypeVar("View", bound=Callable[..., HttpResponse])
LONGEST_ADDRESS = 1000  # characters of an address to come back to


@dataclass(frozen=True)
class Panel:
    """A form over the page ``under``; ``to`` is where to go on, and to come back to."""

    title: str
    verb: str
    not_done: str
    under: str
    page: dict[str, Any]
    close_url: str
    caption: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What is asked over the page ``under`` before something is done."""

    title: str
    text: str
    verb: str
    under: str
    page: dict[str, Any]
    close_url: str
    kind: str = "danger"
    fields: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def panel(
    request: SignedInRequest,
    shown: Panel,
    form: forms.Form,
    do: Callable[[], str],
    *,
    template: str = "directory/panel.html",
) -> HttpResponse:
    """Show the form; when it is sent, ``do`` it and go to the address it returns. What was typed is never lost."""
    form.auto_id = "panel_%s"  # the page under it may have a field of the same name
    context = shown.page | shown.more | {"panel": shown, "under": shown.under, "form": form}
    status = HTTPStatus.OK
    if request.method == "POST":
        try:
            if form.is_valid():
                return redirect(do())
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        except ConfirmationNeeded as needed:
            context |= {"needed": needed.message, "confirm_url": confirm_url(with_typed(request, form))}
            status = needed.status
        except (Invalid, Conflict) as refused:
            take(form, refused)
            status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(refused, Invalid) else refused.status
    return render(request, template, context, status=status)


def question(request: SignedInRequest, asked: Callable[[], Question], do: Callable[[], str], said: str) -> HttpResponse:
    """Ask; when the answer comes, ``do`` it, say so, and go to the address it returns."""
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            to = do()
        except (Conflict, Invalid) as error:
            refused = error
        else:
            messages.success(request, said)
            return redirect(to)
    shown = asked()
    context = shown.page | {"question": shown, "under": shown.under, "refused": words_of(refused) if refused else ""}
    return render(request, "directory/question.html", context, status=refused.status if refused else HTTPStatus.OK)


def confirming(view: View) -> View:
    """Send who signed in too long ago to confirm, and back to the question; nothing was typed that could be lost."""

    @wraps(view)
    def ask(request: SignedInRequest, *args: Any, **values: Any) -> HttpResponse:
        try:
            return view(request, *args, **values)
        except ConfirmationNeeded as needed:
            messages.info(request, str(needed.message))
            return redirect(confirm_url(_back_to(request)))

    return cast("View", ask)


def take(form: forms.Form, refused: DomainError) -> None:
    """Put what an action refused beside the fields it speaks of."""
    fields = getattr(refused, "fields", {})
    for name, message in fields.items():
        form.add_error(name if name in form.fields else None, str(message))
    if not fields:
        form.add_error(None, str(refused.message))


def words_of(refused: DomainError) -> str:
    """Return why an action refused."""
    return " ".join(map(str, getattr(refused, "fields", {}).values())) or str(refused.message)


def principal(
    actor: Actor, kind: str, principal_id: UUID | str, act: Act = Act.DIRECTORY_VIEW
) -> Reached | ReachedGroup:
    """Return the person or group a picker or an address names. Raises NotFound, Refused, ConfirmationNeeded."""
    if kind == "user":
        return reach(actor, principal_id, act)
    if kind == "group":
        return reach_group(actor, principal_id, act)
    raise NotFound("principal")


def picked(actor: Actor, key: str) -> Reached | ReachedGroup:
    """Do the same with what a picker's button sends: ``user:<id>`` or ``group:<id>``."""
    kind, _colon, found_id = key.partition(":")
    return principal(actor, kind, found_id)


def with_typed(request: SignedInRequest, form: forms.Form) -> str:
    """Return the address of the form with what was typed in it, for whoever comes back from confirming."""
    names = form.changes if isinstance(form, Edits) else form.fields
    address = f"{request.path}?{urlencode({name: request.POST.get(name, '') for name in names})}"
    return address if len(address) <= LONGEST_ADDRESS else request.path


def _back_to(request: SignedInRequest) -> str:
    """Return where a question is asked; what only a button of an import's page sends is asked on that page."""
    match = request.resolver_match
    if match is not None and "import_id" in match.kwargs:
        return reverse("directory:import", kwargs=match.kwargs)
    return request.get_full_path()
