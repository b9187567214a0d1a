"""A browser without JavaScript: it shows a page, lets a person type, and sends a form as HTML says."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

Fields = dict[str, str]
BLOCKS = {"td", "th", "p", "div", "li", "h1", "h2", "button", "summary", "label", "option", "title"}


class Form:
    """One form of a page: its fields as they stand, and its buttons by the words on them."""

    def __init__(self, attributes: dict[str, str | None]) -> None:
        self.id = attributes.get("id") or ""
        self.fields: Fields = {}
        self.buttons: dict[str, tuple[str, str]] = {}
        self.first: tuple[str, str] | None = None

    def sent(self, button: str | None, typed: dict[str, str | None]) -> Fields:
        """Return what is sent when ``button`` is pressed (None: Enter) after typing; None unticks a box."""
        name, value = self.buttons[button] if button is not None else self.first or ("", "")
        fields = {**self.fields, **typed} | ({name: value} if name else {})
        return {name: value for name, value in fields.items() if value is not None}


class PlainPage(HTMLParser):
    """A page as read by that browser."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text = ""
        self._open: Form | None = None
        self._button: tuple[Form, dict[str, str | None], list[str]] | None = None
        self._select: tuple[str, list[str]] | None = None
        self.feed(response.content.decode())

    def form(self, form_id: str) -> Form:
        return next(form for form in self.forms if form.id == form_id)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if tag == "form":
            self._open = Form(have)
            self.forms.append(self._open)
        owner = self.form(str(have["form"])) if have.get("form") else self._open
        if owner is None or "disabled" in have:
            return
        if tag == "input" and have.get("name"):
            self._input(owner, have)
        elif tag == "select":
            self._select = (str(have["name"]), [])
        elif tag == "option" and self._select:
            name, values = self._select
            values.append(have.get("value") or "")
            if "selected" in have or len(values) == 1:
                owner.fields[name] = values[-1]
        elif tag == "button" and have.get("type") != "button":
            owner.first = owner.first or (have.get("name") or "", have.get("value") or "")
            self._button = (owner, have, [])

    def _input(self, owner: Form, have: dict[str, str | None]) -> None:
        is_choice = have.get("type") in ("checkbox", "radio")
        if not is_choice or "checked" in have:
            owner.fields[str(have["name"])] = have.get("value") or ("on" if is_choice else "")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._button:
            self._button[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button:
            owner, have, words = self._button
            label = have.get("aria-label") or " ".join("".join(words).split())
            owner.buttons[label] = (have.get("name") or "", have.get("value") or "")
            self._button = None
        elif tag == "form":
            self._open = None
        if tag in BLOCKS:
            self.text += " "
        if tag == "select":
            self._select = None


class PlainBrowser:
    """Follows one person through one form, page after page."""

    def __init__(self, client: Client, url: str, form_id: str) -> None:
        self.client, self.url, self.form_id = client, url, form_id
        self.show(client.get(url))

    def show(self, response: Any) -> None:
        self.response = response
        self.page = PlainPage(response)
        self.words = " ".join(self.page.text.split())

    @property
    def form(self) -> Form:
        return self.page.form(self.form_id)

    def press(self, button: str | None, **typed: str | None) -> "PlainBrowser":
        """Press the button with these words on it after typing, and follow a redirect."""
        self.show(self.client.post(self.url, self.form.sent(button, typed), follow=True))
        return self
