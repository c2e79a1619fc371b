"""Letters to readers as people meet them: in a browser, by axe's rules, wide and narrow."""

import pytest
from playwright.sync_api import Browser

from aggregator.deliver import letters
from tests.browser.rules import check
from tests.browser.test_renderings import shown
from tests.builders import a_publication

LETTERS = {
    "confirmation": letters.confirmation(
        a_publication(), to="reader@example.org", token="t" * 32, message_id="<a@five.example.org>"
    ),
    "already": letters.already(
        a_publication(), to="reader@example.org", token="t" * 32, message_id="<b@five.example.org>"
    ),
}


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_accessible_and_fits_the_smallest_window(browser: Browser, name: str) -> None:
    with shown(browser, LETTERS[name].html, width=320) as page:
        check(page, also="dark")
        assert page.locator("h1").count() == 1
