"""What readers will get, in a frame that can do nothing; and the same to be copied into a blog's own editor."""

import re

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from aggregator.digest.render import content_of
from aggregator.model import Form
from aggregator.web import pages
from aggregator.web.desk import HEADERS, desk_page
from aggregator.web.editing import named
from aggregator.web.guard import app_of

FORMS = {"email": Form.EMAIL_HTML, "text": Form.EMAIL_TEXT, "page": Form.PAGE, "markdown": Form.MARKDOWN}
SCHEMES = ("light", "dark")
FRAME_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self' 'unsafe-inline'",  # mails carry their style in every element
        "img-src 'self' data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
"""Nothing runs, nothing is sent, nothing comes from anybody else; links open in a window of their own."""

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.DOTALL)
_ASKS_FOR_DARK = re.compile(r"\(\s*prefers-color-scheme:\s*dark\s*\)")
_BOTH = re.compile(r"(color-scheme:\s*)light dark")
_BOTH_SAID = re.compile(r'(<meta name="color-scheme" content="|<html\b[^>]*\bcolor-scheme: )light dark')


def preview(request: Request) -> Response:
    """One form of a digest, as it would go out now; of a published one, as it went."""
    digest, query = named(request), request.query_params
    name = query.get("as", "")
    shown = FORMS.get(name, Form.EMAIL_HTML)
    scheme = query.get("scheme") if query.get("scheme") in SCHEMES else ""
    body = app_of(request).editor.rendering(digest.slug, shown)
    if shown in (Form.EMAIL_TEXT, Form.MARKDOWN):
        body = pages.html(request, "desk/digest_text.html", {"digest": digest, "text": body, "scheme": scheme})
    else:
        body = _in_scheme(body, scheme or "").replace("<head>", '<head><base target="_blank">', 1)
    headers = HEADERS | {
        "content-security-policy": FRAME_POLICY,
        "referrer-policy": "no-referrer",
        "x-frame-options": "SAMEORIGIN",
    }
    return Response(body, media_type=pages.HTML, headers=headers)


def copy(request: Request) -> Response:
    """A digest as rich text and as Markdown, to be copied with or without scripts."""
    digest, desk = named(request), app_of(request).editor
    return desk_page(
        request,
        "desk/digest_copy.html",
        digest=digest,
        # Ours, and safe: the public pages show the same.
        rich=Markup(content_of(desk.rendering(digest.slug, Form.PAGE))),  # noqa: S704
        markdown=desk.rendering(digest.slug, Form.MARKDOWN),
    )


def _in_scheme(html: str, scheme: str) -> str:
    """A page as a device set to this scheme shows it, whatever the one is that looks at it."""
    if not scheme:
        return html
    answer = "(min-width: 0)" if scheme == "dark" else "(max-width: 0)"  # what is always so, and never

    def settled(style: re.Match[str]) -> str:
        rules = _BOTH.sub(rf"\g<1>{scheme}", _ASKS_FOR_DARK.sub(answer, style[2]))
        return f"{style[1]}{rules}{style[3]}"

    head, end, rest = _STYLE.sub(settled, html).partition("<style")
    return _BOTH_SAID.sub(rf"\g<1>{scheme}", head) + end + rest
