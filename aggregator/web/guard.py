"""What every answer says to browsers, and which host names we answer to."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy: no scripts at all, and nothing from anyone else."""

HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "referrer-policy": "strict-origin-when-cross-origin",  # bloggers may see that we sent them a reader
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
ONE_YEAR = 365 * 24 * 60 * 60


class SecurityHeaders:
    """ASGI middleware: puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self._app = app
        self._headers = security_headers(base_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_guarded)


def security_headers(base_url: str) -> dict[str, str]:
    """The headers; with Strict-Transport-Security (RFC 6797) when the public address is https."""
    if urlsplit(base_url).scheme == "https":
        return {**HEADERS, "strict-transport-security": f"max-age={ONE_YEAR}"}
    return dict(HEADERS)


def trusted_hosts(base_url: str, listen_host: str) -> list[str]:
    """The names that a Host header may give: the public one, the one we listen on, and this machine's own."""
    public = urlsplit(base_url).hostname or ""
    names = {public, listen_host, "localhost", "127.0.0.1", "::1"} - {"", "0.0.0.0", "::"}  # noqa: S104 - not bound here
    return sorted(f"[{name}]" if ":" in name else name for name in names)
