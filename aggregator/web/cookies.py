"""The two cookies that curators get; readers get none.

On https both have the prefix __Host- (RFC 6265bis, section 4.1.3.2): another site under the same domain can neither
read nor plant them. On plain http, which is for one's own machine, browsers would refuse that name.
"""

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from aggregator.people import SESSION_LASTS


def session_token(request: Request, base_url: str) -> str | None:
    """The token of the session, when the browser has one."""
    return request.cookies.get(_name("five", base_url))


def keep_session(response: Response, base_url: str, token: str) -> None:
    """Let the browser keep the session; what the form before it needed is over."""
    _set(response, _name("five", base_url), base_url, token, seconds=int(SESSION_LASTS.total_seconds()))
    _set(response, _name("five-form", base_url), base_url, "", seconds=0)


def session_header(base_url: str, token: str) -> str:
    """The header Set-Cookie that lets the browser keep the session."""
    response = Response()
    _set(response, _name("five", base_url), base_url, token, seconds=int(SESSION_LASTS.total_seconds()))
    return response.headers["set-cookie"]


def forget_session(response: Response, base_url: str) -> None:
    """Let the browser forget it."""
    _set(response, _name("five", base_url), base_url, "", seconds=0)


def form_token(request: Request, base_url: str) -> str:
    """The token that ties a form to this browser before anybody is signed in; a new one when it has none."""
    return request.cookies.get(_name("five-form", base_url)) or secrets.token_urlsafe(24)


def keep_form(response: Response, base_url: str, token: str) -> None:
    """Let the browser keep that token until it is closed."""
    _set(response, _name("five-form", base_url), base_url, token, seconds=None)


def is_same_browser(request: Request, base_url: str, given: object) -> bool:
    """Whether a form carries the token that this browser was given with it."""
    held = request.cookies.get(_name("five-form", base_url))
    return held is not None and same(given, held)


def same(given: object, expected: str) -> bool:
    """Whether a form's token is the expected one; takes as long either way."""
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _name(name: str, base_url: str) -> str:
    return f"__Host-{name}" if _is_secure(base_url) else name


def _is_secure(base_url: str) -> bool:
    return urlsplit(base_url).scheme == "https"


def _set(response: Response, name: str, base_url: str, value: str, *, seconds: int | None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=_is_secure(base_url), httponly=True, samesite="lax"
    )
