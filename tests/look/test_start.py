"""When a new pass will be valid, as static/js/issue.js says it while the start is being typed: the server's own words."""

from types import SimpleNamespace

import pytest
import time_machine

from tests.look.pages import PAGES
from tests.look.seeded import NOW
from tests.look.window import Window

pytestmark = pytest.mark.django_db
PANEL = next(page for page in PAGES if page.title == "authmethods add_method grace not in scope")
TYPED = {
    "2026-12-01T08:00": "Valid 1 Dec 2026, 08:00 to 09:00 (UTC+01:00)",
    "2026-11-24T23:30": "Valid 23:30 to 25 Nov 2026, 00:30 (UTC+01:00)",
    "2027-03-28T01:30": "Valid 28 Mar 2027, 01:30 to 03:30 (UTC+02:00)",
    "2027-03-28T02:30": "",  # the clocks skip it: the server asks for another
    "2027-10-31T02:30": "",  # they show it twice
    "2027-10-31T03:30": "Valid 31 Oct 2027, 03:30 to 04:30 (UTC+01:00)",
    "": "",
}


def test_the_start_is_read_back(world: SimpleNamespace, window: Window) -> None:
    with time_machine.travel(NOW, tick=False):
        client, address, answer = PANEL.open(world)
    window.set_to(width=1280, theme="light")
    window.show(client, address, answer)
    window.page.check("[name=delayed]")
    said = {}
    for typed in TYPED:
        window.page.fill("[name=start]", typed)
        said[typed] = window.page.locator("[data-validity]").inner_text()
    assert said == TYPED
    assert window.complaints() == []
