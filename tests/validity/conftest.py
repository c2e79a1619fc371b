"""The app and the client of the tests of the web."""

from tests.web.conftest import app as app
from tests.web.conftest import client as client
from tests.web.conftest import empty as empty
