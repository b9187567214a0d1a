"""Who is told what administrators should know: who may see it, who may change it, what is refused."""

from types import SimpleNamespace

import pytest

from notices.models import NoticeSettings
from tests.authmethods.center import plain_text_of
from tests.conftest import SignIn

PAGE = "/center/notices/"


def test_a_global_administrator_names_addresses_and_takes_them_back(world: SimpleNamespace, as_: SignIn) -> None:
    grace = as_(world.grace)
    answer = grace.post(
        PAGE, {"who": "addresses", "addresses": "soc@contoso.com\r\n\r\n soc@contoso.com "}, follow=True
    )
    assert "Recipients saved." in plain_text_of(answer)
    assert NoticeSettings.objects.get().addresses == ["soc@contoso.com"]
    assert "soc@contoso.com" in plain_text_of(grace.get(PAGE))
    grace.post(PAGE, {"who": "roles", "addresses": "soc@contoso.com"})
    assert NoticeSettings.objects.get().addresses == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"who": "addresses", "addresses": " "}, "Enter at least one mail address."),
        ({"who": "addresses", "addresses": "soc"}, "“soc” is no mail address."),
        ({"who": "addresses", "addresses": "\n".join(f"a{n}@b.com" for n in range(21))}, "Enter up to 20 addresses."),
        ({"who": "everybody"}, "Who is told"),
    ],
)
def test_what_makes_no_sense_is_refused(world: SimpleNamespace, as_: SignIn, sent: dict[str, str], said: str) -> None:
    assert said in plain_text_of(as_(world.grace).post(PAGE, sent))
    assert not NoticeSettings.objects.exists()


@pytest.mark.parametrize(("who", "sees"), [("paul", 200), ("rosa", 200), ("amir", 200), ("mia", 403)])
def test_nobody_else_changes_it(world: SimpleNamespace, as_: SignIn, who: str, sees: int) -> None:
    client = as_(getattr(world, who))
    assert client.get(PAGE).status_code == sees
    assert client.post(PAGE, {"who": "addresses", "addresses": "x@y.com"}).status_code == 403
    assert not NoticeSettings.objects.exists()
