"""What an administrator chooses for a new pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import MethodKind
from accounts.models import User
from authmethods.rules import suggested_lifetimes
from core.errors import Invalid
from core.templatetags.ui.times import utc_offset
from core.wording import duration
from tap import rules
from tap.models import TapPolicy
from tap.rules import PassProblem
from tap.wording import problem_message, span

CUSTOM = "custom"
UNITS = {"minutes": 1, "hours": 60, "days": 1440}
YES, NO = "yes", "no"
FIRST_YEAR, LAST_YEAR = 1970, 2999
SHOWN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Setting:
    """For whom a pass is made, by whom, under which policy and when."""

    person: User
    issuer_id: UUID | None
    policy: TapPolicy
    now: datetime

    @property
    def own_zone(self) -> str:
        """Return the issuer's time zone."""
        return timezone.get_current_timezone_name()

    @property
    def person_zone(self) -> str:
        """Return the person's time zone."""
        return self.person.tenant.zone_for(self.person.time_zone).key

    @property
    def zones(self) -> list[str]:
        """Return the time zones a start may be given in, the issuer's first."""
        return list(dict.fromkeys([self.own_zone, self.person_zone, "UTC"]))

    @property
    def signer(self) -> Signer:
        """Return what vouches that a form's id was given out here, to this issuer for this person."""
        return Signer(salt=f"authmethods.issue|{self.issuer_id}|{self.person.id}")


class IssueForm(forms.Form):
    """``lifetime``, ``starts_at``, ``is_usable_once``, ``note`` and ``pass_id`` are for the action, once it is valid."""

    method = forms.ChoiceField(
        label=gettext_lazy("Choose method"),
        choices=[(MethodKind.TEMPORARY_ACCESS_PASS.value, MethodKind.TEMPORARY_ACCESS_PASS.label)],
        error_messages={"invalid_choice": gettext_lazy("Only a Temporary Access Pass can be added here.")},
    )
    duration = forms.ChoiceField(
        label=gettext_lazy("Activation duration"),
        error_messages={
            "required": gettext_lazy("Choose a duration."),
            "invalid_choice": gettext_lazy("Choose one of the durations, or Custom."),
        },
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Custom duration"),
        required=False,
        error_messages={"invalid": gettext_lazy("Enter a whole number.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"),
        required=False,
        choices=[
            ("minutes", gettext_lazy("Minutes")),
            ("hours", gettext_lazy("Hours")),
            ("days", gettext_lazy("Days")),
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose minutes, hours or days.")},
    )
    delayed = forms.BooleanField(
        label=gettext_lazy("Delayed start time"),
        required=False,
        help_text=gettext_lazy("For a first day at work. Otherwise the pass works immediately."),
    )
    start = forms.CharField(
        label=gettext_lazy("Start"), required=False, widget=forms.TextInput({"type": "datetime-local"})
    )
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the time zones.")},
    )
    once = forms.ChoiceField(
        label=gettext_lazy("One-time use"),
        error_messages={
            "required": gettext_lazy("Choose whether the pass is for one sign-in."),
            "invalid_choice": gettext_lazy("Choose whether the pass is for one sign-in, as the policy allows."),
        },
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False)
    form = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, setting: Setting, initial: Mapping[str, str]) -> None:
        self.setting, policy = setting, setting.policy
        self.lifetime, self.pass_id = policy.default_lifetime, uuid4()
        self.starts_at: datetime | None = None
        super().__init__(data, initial=self._defaults() | self._wished(initial))
        self._offer("duration", self._durations())
        self._offer("zone", [(zone, self._zone_name(zone)) for zone in setting.zones])
        self._offer("once", [(YES, YES)] if policy.is_usable_once else [(YES, YES), (NO, NO)])
        self.allowed = _("Policy allows %(range)s.") % {"range": span(policy.minimum_lifetime, policy.maximum_lifetime)}

    @property
    def token(self) -> str:
        """Return the id of this form, which becomes the id of the pass: sending it twice makes one pass."""
        return self.setting.signer.sign(str(self.pass_id))

    @property
    def typed(self) -> dict[str, str]:
        """Return what was chosen, for an address that shows the same form again."""
        names = [name for name in self.fields if name not in ("form", "method")]
        return {name: str(self.data[name]) for name in names if self.data.get(name)}

    @property
    def is_usable_once(self) -> bool:
        """True for one sign-in."""
        return bool(self.cleaned_data["once"] == YES)

    @property
    def note(self) -> str:
        """Return the reason."""
        return str(self.cleaned_data["reason"])

    def clean(self) -> dict[str, Any]:
        """Ask the rules early; the action asks them for real."""
        cleaned = self.cleaned_data
        self._clean_id(cleaned.get("form", ""))
        if "duration" in cleaned and "amount" in cleaned and "unit" in cleaned:
            self._clean_lifetime(cleaned)
        if cleaned.get("delayed") and "start" in cleaned and "zone" in cleaned:
            self._clean_start(cleaned["start"], ZoneInfo(cleaned["zone"] or self.setting.own_zone))
        self._note_problem("reason", rules.reason_problem(" ".join(cleaned.get("reason", "").split())))
        return cleaned

    def take(self, refused: Invalid) -> None:
        """Show what the action refused beside its field."""
        is_custom = self.cleaned_data.get("duration") == CUSTOM
        fields = {"lifetime": "amount" if is_custom else "duration", "starts_at": "start", "one_time": "once"}
        for name, message in refused.fields.items():
            self.add_error(fields.get(name, name), str(message))
        if not refused.fields:
            self.add_error(None, str(refused.message))

    def _clean_id(self, sent: str) -> None:
        try:
            self.pass_id = UUID(self.setting.signer.unsign(sent))
        except (BadSignature, ValueError):
            self.add_error(None, _("This form is too old. Check it and press Add again."))

    def _clean_lifetime(self, cleaned: dict[str, Any]) -> None:
        if cleaned["duration"] != CUSTOM:
            self.lifetime = int(cleaned["duration"])
            self._note_problem("duration", rules.lifetime_problem(self.lifetime, self.setting.policy))
        elif cleaned["amount"] is None:
            self._note_problem("amount", PassProblem.LIFETIME_OUT_OF_RANGE)
        else:
            self.lifetime = cleaned["amount"] * UNITS[cleaned["unit"] or "minutes"]
            self._note_problem("amount", rules.lifetime_problem(self.lifetime, self.setting.policy))

    def _clean_start(self, typed: str, zone: ZoneInfo) -> None:
        try:
            local = datetime.fromisoformat(typed)
        except ValueError:
            local = None
        if local is None or local.tzinfo is not None:
            self.add_error("start", _("Enter the date and time of the start, such as 2027-01-31 08:00."))
        elif not FIRST_YEAR < local.year < LAST_YEAR:
            is_past = local.year <= FIRST_YEAR
            self._note_problem("start", PassProblem.START_IN_PAST if is_past else PassProblem.START_TOO_FAR)
        else:
            start = local.replace(tzinfo=zone).astimezone(UTC)
            if start.astimezone(zone).replace(tzinfo=None) != local:
                self.add_error("start", _("The clocks skip this time on that day. Choose an hour later."))
            elif start != local.replace(tzinfo=zone, fold=1).astimezone(UTC):
                self.add_error(
                    "start", _("The clocks show this time twice on that day. Choose an hour earlier or later.")
                )
            else:
                self.starts_at = start
                self._note_problem("start", rules.start_problem(start, now=self.setting.now))

    def _note_problem(self, field: str, problem: PassProblem | None) -> None:
        if problem is not None:
            self.add_error(field, problem_message(problem, self.setting.policy))

    def _offer(self, field: str, choices: list[tuple[str, str]]) -> None:
        choice = self.fields[field]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101
        choice.choices = choices

    def _durations(self) -> list[tuple[str, str]]:
        policy = self.setting.policy
        least, most = policy.minimum_lifetime, policy.maximum_lifetime
        offered = suggested_lifetimes(least=least, default=policy.default_lifetime, most=most)
        return [(str(minutes), duration(minutes)) for minutes in offered] + (
            [(CUSTOM, _("Custom"))] if least < most else []
        )

    def _zone_name(self, zone: str) -> str:
        offset = utc_offset(self.setting.now.astimezone(ZoneInfo(zone)))
        if zone == "UTC":
            return zone
        words = _("%(city)s (%(offset)s), your time")
        if self.setting.own_zone == self.setting.person_zone:
            words = _("%(city)s (%(offset)s)")
        elif zone == self.setting.person_zone:
            words = _("%(city)s (%(offset)s), %(name)s's time")
        return words % {"city": city_of(zone), "offset": offset, "name": self.setting.person.given_name}

    def _defaults(self) -> dict[str, Any]:
        morning = timezone.localtime(self.setting.now).replace(hour=8, minute=0) + timedelta(days=1)
        return {
            "duration": str(self.setting.policy.default_lifetime),
            "unit": "minutes",
            "start": morning.strftime(SHOWN),
            "zone": self.setting.own_zone,
            "once": YES,
        }

    def _wished(self, initial: Mapping[str, str]) -> dict[str, str]:
        return {
            name: initial[name] for name in self.base_fields if initial.get(name) and name not in ("form", "method")
        }


def city_of(zone: str) -> str:
    """Return the place a time zone is named after."""
    return zone.rpartition("/")[2].replace("_", " ")
