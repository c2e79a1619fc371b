"""Lets people in for tests, and reads the forms that they get."""

import re

import httpx

from aggregator.app import App
from aggregator.model import Role
from aggregator.people import SignedIn

PASSWORD = "three random words"


def join(app: App, email: str = "ann@example.org", role: Role = Role.MAINTAINER) -> SignedIn:
    """Somebody who has set a password."""
    link = app.people.add(email, role)
    return app.people.set_password(link.rpartition("/")[2], PASSWORD)


def enter(app: App, client: httpx.AsyncClient, role: Role = Role.MAINTAINER) -> SignedIn:
    """Somebody of that role, signed in at this client; without the time that a password takes."""
    email = f"{role}@example.org"
    if email not in {curator.email for curator in app.people.curators()}:
        app.people.add(email, role)
    entered = app.people.enter(email)
    carry(client, entered)
    return entered


def carry(client: httpx.AsyncClient, entered: SignedIn | None) -> None:
    """Give this client that session, or none."""
    client.cookies.clear()
    if entered:
        client.cookies.set("__Host-five", entered.token, domain="five.example.org", path="/")


def csrf(page: httpx.Response) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]
