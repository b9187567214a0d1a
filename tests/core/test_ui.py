"""The parts pages are made of."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.html import strip_tags

from core import charts
from core.templatetags.ui import parts, secrets, times
from core.wording import duration, remaining

MOMENT = datetime(2026, 11, 24, 10, 14, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def rendered(source: str, **context: object) -> str:
    return Template("{% load ui charts %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "1 minute"),
        (10, "10 minutes"),
        (60, "1 hour"),
        (90, "90 minutes"),
        (480, "8 hours"),
        (1440, "1 day"),
        (43_200, "30 days"),
        (119, "119 minutes"),
        (450, "7 hours 30 minutes"),
        (1500, "25 hours"),
        (121, "2 hours 1 minute"),
    ],
)
def test_it_says_a_duration(minutes: int, words: str) -> None:
    assert duration(minutes) == words


@pytest.mark.parametrize(
    ("minutes", "words", "german"),
    [
        (0, "0 minutes", "0 Minuten"),
        (1, "1 minute", "1 Minute"),
        (59, "59 minutes", "59 Minuten"),
        (60, "1 hour", "1 Stunde"),
        (75, "1 hour 15 minutes", "1 Stunde 15 Minuten"),
        (450, "7 hours 30 minutes", "7 Stunden 30 Minuten"),
        (2879, "47 hours 59 minutes", "47 Stunden 59 Minuten"),
        (2880, "2 days", "2 Tage"),
        (29_041, "20 days 5 hours", "20 Tage 5 Stunden"),
    ],
)
def test_it_says_how_long_is_left(minutes: int, words: str, german: str) -> None:
    assert remaining(minutes) == words
    with translation.override("de"):
        assert remaining(minutes) == german


def test_it_shows_a_moment_with_its_offset() -> None:
    with timezone.override(BERLIN):
        html = times.when(MOMENT)
    assert 'datetime="2026-11-24T11:14:00+01:00"' in html
    assert ">24 Nov 2026, 11:14 <" in html
    assert ">(UTC+01:00)<" in html


def test_it_shows_a_moment_in_another_zone() -> None:
    assert times.format_when(MOMENT, ZoneInfo("Asia/Kolkata")) == "24 Nov 2026, 15:44 (UTC+05:30)"
    assert times.format_when(MOMENT, UTC) == "24 Nov 2026, 10:14 (UTC)"


def test_it_shows_a_moment_in_another_language() -> None:
    with translation.override("de"):
        assert "2026" in times.format_when(MOMENT, BERLIN)


@pytest.mark.parametrize(
    ("name", "letters"), [("Priya Raman", "PR"), ("Ana María de Souza", "AS"), ("plato", "P"), ("", "?"), ("(x)", "?")]
)
def test_it_takes_initials(name: str, letters: str) -> None:
    assert parts.initials_of(name) == letters


def test_it_groups_the_code_without_a_space_in_its_text() -> None:
    html = secrets.pass_code("HW4RTK9MXQ")
    assert html.count('class="group"') == 3
    assert 'translate="no"' in html
    assert strip_tags(html) == "HW4RTK9MXQ"


def test_it_escapes_what_people_typed() -> None:
    evil = "<script>x</script>"
    page = rendered(
        "{% avatar n %}{% pill n %}{% crumbs n n n %}"
        "{% page_head title=n caption=n person=n %}{{ n }}{% endpage_head %}"
        "{% bar %}{{ n }}{% endbar %}{% empty title=n text=n %}{% endempty %}{% steps 1 n %}{% stat n n note=n %}"
        "{% panel title=n close_url=n caption=n confirm_close=n %}{{ n }}{% endpanel %}{% pass_code n %}"
        "{% tabs n %}{% tab n n n n %}{% endtabs %}{% copy_button label=n announce=n text=n %}",
        n=evil,
    )
    assert "<script>" not in page


class Length(forms.Form):
    length = forms.IntegerField(label="Length", help_text="8 to 48 characters.", max_value=48)
    enabled = forms.BooleanField(label="Enable", required=False)


def test_it_ties_a_control_to_its_help_and_error() -> None:
    html = rendered("{% field form.length %}", form=Length({"length": "99"}))
    assert 'aria-describedby="id_length_helptext id_length_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_length_helptext"' in html
    assert 'id="id_length_error"' in html


def test_it_leaves_a_good_control_alone() -> None:
    html = rendered("{% field form.length %}", form=Length({"length": "9"}))
    assert "aria-invalid" not in html
    assert "_error" not in html


def test_it_draws_a_checkbox_setting_as_a_switch() -> None:
    assert 'role="switch"' in rendered("{% setting form.enabled %}", form=Length())


def test_it_sums_up_what_to_fix() -> None:
    html = rendered("{% form_errors form title='Not saved.' %}", form=Length({"length": "99"}))
    assert "Fix 1 field:" in html
    assert 'href="#id_length"' in html
    assert rendered("{% form_errors form %}", form=Length({"length": "9"})).strip() == ""


def test_it_stacks_bars_to_scale() -> None:
    chart = charts.BarChart(
        "Ends", "Day", ("1", "2"), (charts.Series("Used", "green", (6, 0)), charts.Series("Late", "grey", (2, 1)))
    )
    assert (chart.step, chart.top) == (2, 8)
    assert [bar.colour for bar in chart.bars()] == ["green", "grey", "grey"]
    low, high, _alone = chart.bars()
    assert high.y < low.y
    assert chart.rows() == [("1", (6, 2)), ("2", (0, 1))]
    assert "<title>Ends</title>" in rendered("{% bar_chart chart %}", chart=chart)


def test_it_draws_an_empty_chart() -> None:
    chart = charts.BarChart("Ends", "Day", (), (charts.Series("Used", "green", ()),))
    assert chart.bars() == []
    assert chart.top == 1
