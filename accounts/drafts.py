"""The tab Enable and Target of a method's policy: a draft that travels in the form until it is saved."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import TargetSide
from accounts.models import MethodPolicy
from accounts.targeting import Target

EVERYONE, SELECTED = "everyone", "selected"
LONGEST_QUERY = 256
KEY = re.compile(r"(user|group):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
NUMBER = re.compile(r"[0-9]{1,9}")


class TargetForm(forms.Form):
    """Draws the two choices of the tab; a draft fills it, and what is posted becomes a draft again."""

    is_enabled = forms.BooleanField(label=_("Enable"), required=False)
    reach = forms.ChoiceField(
        label=_("Who is included"), choices=[(EVERYONE, _("All users")), (SELECTED, _("Select groups"))]
    )

    def __init__(self, draft: "TargetDraft", *, is_read_only: bool) -> None:
        super().__init__(initial={"is_enabled": draft.is_enabled, "reach": EVERYONE if draft.is_everyone else SELECTED})
        for field in self.fields.values():
            field.disabled = is_read_only


@dataclass(frozen=True)
class TargetDraft:
    """What the page shows and Save would store: nothing of it is in the database before that."""

    version: int
    is_enabled: bool
    is_everyone: bool
    include: tuple[Target, ...]
    exclude: tuple[Target, ...]
    side: TargetSide = TargetSide.INCLUDE
    query: str = ""

    @classmethod
    def stored(
        cls, policy: MethodPolicy, lists: Collection[Target], *, side: TargetSide = TargetSide.INCLUDE
    ) -> "TargetDraft":
        """Begin with what is stored."""
        return cls(
            version=policy.version,
            is_enabled=policy.is_enabled,
            is_everyone=any(target.is_all_users for target in lists),
            include=tuple(one for one in lists if one.side is TargetSide.INCLUDE and not one.is_all_users),
            exclude=tuple(one for one in lists if one.side is TargetSide.EXCLUDE),
            side=side,
        )

    @classmethod
    def posted(cls, data: Mapping[str, str]) -> "TargetDraft":
        """Read what a form sends. Whatever no page of ours sends is left out."""
        version = data.get("version", "")
        return cls(
            version=int(version) if NUMBER.fullmatch(version) else 0,
            is_enabled="is_enabled" in data,
            is_everyone=data.get("reach") == EVERYONE,
            include=_lines(TargetSide.INCLUDE, data.get("include", "")),
            exclude=_lines(TargetSide.EXCLUDE, data.get("exclude", "")),
            side=_side(data.get("side", "")),
            query=data.get("q", "")[:LONGEST_QUERY].replace("\x00", "").strip(),
        )

    def edited(self, data: Mapping[str, str]) -> "TargetDraft":
        """Return the draft after the button that was pressed: a tab, Add or Remove."""
        if "show" in data:
            return replace(self, side=_side(data["show"]), query="")
        if "add" in data:
            return self._with(_lines(self.side, data["add"]))
        if "remove" in data:
            gone = {(line.user_id, line.group_id) for line in _lines(self.side, data["remove"])}
            return self._set(tuple(line for line in self.shown if (line.user_id, line.group_id) not in gone))
        return self

    @property
    def shown(self) -> tuple[Target, ...]:
        """Return the list of the tab that is open."""
        return self.include if self.side is TargetSide.INCLUDE else self.exclude

    @property
    def lists(self) -> list[Target]:
        """Return both lists as they would be stored."""
        included = (Target(TargetSide.INCLUDE),) if self.is_everyone else self.include
        return [*included, *self.exclude]

    def keys(self, side: TargetSide) -> str:
        """Return a list as its hidden input holds it."""
        return " ".join(key_of(line) for line in (self.include if side is TargetSide.INCLUDE else self.exclude))

    def _with(self, lines: tuple[Target, ...]) -> "TargetDraft":
        added = self._set(tuple(dict.fromkeys([*self.shown, *lines])))
        return replace(added, query="", is_everyone=self.is_everyone and self.side is not TargetSide.INCLUDE)

    def _set(self, lines: tuple[Target, ...]) -> "TargetDraft":
        return replace(self, include=lines) if self.side is TargetSide.INCLUDE else replace(self, exclude=lines)


def key_of(line: Target) -> str:
    """Return how a form names a line: ``group:<id>`` or ``user:<id>``."""
    return f"user:{line.user_id}" if line.user_id else f"group:{line.group_id}"


def _lines(side: TargetSide, text: str) -> tuple[Target, ...]:
    found = (KEY.fullmatch(word) for word in text.split())
    lines = (
        Target(side, user_id=UUID(one[2])) if one[1] == "user" else Target(side, group_id=UUID(one[2]))
        for one in found
        if one
    )
    return tuple(dict.fromkeys(lines))


def _side(text: str) -> TargetSide:
    return TargetSide(text) if text in TargetSide.values else TargetSide.INCLUDE
