"""The README's picture: the demo's digest page in Chromium. `python -m tests.browser.picture .github/digest.png`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from aggregator.cli import run
from tests.browser.chromium import launched


def take(target: Path) -> None:
    """Make a digest from the sample blogs, and photograph its page."""
    with tempfile.TemporaryDirectory() as folder:
        if run(["demo", "--once", folder]) != 0:
            raise SystemExit("the demo failed")
        with sync_playwright() as playwright, launched(playwright) as browser:
            page = browser.new_page(viewport={"width": 900, "height": 1100})
            page.goto((Path(folder) / "page.html").as_uri())
            page.screenshot(path=target)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
