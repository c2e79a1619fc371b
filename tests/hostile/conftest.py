"""What these tests share with those of the pages and of the browser."""

from tests.browser.conftest import browser
from tests.web.conftest import app, client, empty

__all__ = ["app", "browser", "client", "empty"]
