"""Pictures of a digest's mail and page, to look at: `python -m tests.browser.look FOLDER`."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from aggregator.digest.render import render
from aggregator.model import Form
from tests.browser.chromium import launched
from tests.builders import a_publication
from tests.digest.samples import a_full_digest, a_link_post, a_themed_list

WIDTHS = (320, 600, 1200)


def look(folder: Path) -> None:
    """Write one PNG for each format's mail and page, width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launched(playwright) as browser:
        for digest in (a_full_digest(), a_themed_list(), a_link_post()):
            forms = render(digest, a_publication())
            for name, form in (("mail", Form.EMAIL_HTML), ("page", Form.PAGE)):
                for width in WIDTHS:
                    for scheme in ("light", "dark"):
                        file = folder / f"{digest.format}-{name}-{width}-{scheme}.png"
                        shoot(browser, forms[form], width, scheme, file)


def shoot(browser: Browser, html: str, width: int, scheme: str, file: Path) -> None:
    """Write what `html` looks like, whole, in a window of that width."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.set_content(html)
    page.screenshot(path=file, full_page=True)
    page.close()


if __name__ == "__main__":
    look(Path(sys.argv[1]))
