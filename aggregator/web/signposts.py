"""What machines look for at a known place: sitemap, robots, and whom to tell of a weakness."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.model import Publication
from aggregator.web.pages import answer, contact_url, site_of
from aggregator.web.public import DIGESTS_EVER, FEEDS_MAY_BE_KEPT
from aggregator.web.site import Site

TEXT = "text/plain; charset=utf-8"
XML = "application/xml; charset=utf-8"
PERSONAL = ("/confirm/", "/manage/", "/unsubscribe/")
"""Addresses that belong to one reader each."""
CHECKED_AGAIN_WITHIN = timedelta(days=180)


def sitemap(request: Request) -> Response:
    """Every page that a search engine may show (sitemaps.org, protocol 0.9)."""
    site = site_of(request)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    forms = [("/subscribe", None), ("/suggest", None)] if site.settings.forms else []
    for path, changed in (*pages_of(site), *forms):
        when = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
        lines.append(f"  <url><loc>{escape(site.publication.base_url + path)}</loc>{when}</url>")
    return answer(request, "\n".join([*lines, "</urlset>", ""]), XML, cache_control=FEEDS_MAY_BE_KEPT)


def pages_of(site: Site) -> Iterator[tuple[str, datetime | None]]:
    """The address of every page for readers that only reads, with when it last changed, where that is known."""
    digests = site.editor.published(limit=DIGESTS_EVER)
    newest = digests[0].published_at if digests else None
    yield "/", newest
    yield "/digests", newest
    for digest in digests:
        yield f"/digests/{digest.slug}", digest.updated_at
    yield "/bookmarks", None
    for month in site.desk.bookmark_months():
        yield f"/bookmarks/{month:%Y-%m}", None
    for path in ("/blogs", "/blogs/by-last-post", "/blogs/by-state", "/follow", "/accessibility", "/privacy"):
        yield path, None


def robots(request: Request) -> Response:
    """Everything may be read but what belongs to one reader (RFC 9309)."""
    publication = site_of(request).publication
    root = urlsplit(publication.base_url).path
    lines = ["User-agent: *", *(f"Disallow: {root}{path}" for path in PERSONAL)]
    lines += ["", f"Sitemap: {publication.base_url}/sitemap.xml", ""]
    return answer(request, "\n".join(lines), TEXT, cache_control=FEEDS_MAY_BE_KEPT)


def security(request: Request) -> Response:
    """Whom to tell of a weakness (RFC 9116); nothing where no contact is set."""
    site = site_of(request)
    contact = security_contact(site.publication)
    if contact is None:
        raise HTTPException(status_code=404)
    lines = [
        f"Contact: {contact}",
        f"Expires: {_month_after(site.clock() + CHECKED_AGAIN_WITHIN).isoformat()}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {site.publication.base_url}/.well-known/security.txt",
        "",
    ]
    return answer(request, "\n".join(lines), TEXT, cache_control=FEEDS_MAY_BE_KEPT)


def security_contact(publication: Publication) -> str | None:
    """The contact as a security.txt may give it: mail, or a page that is https (section 2.5.3)."""
    contact = contact_url(publication.contact)
    return None if contact is None or contact.startswith("http:") else contact


def _month_after(instant: datetime) -> date:
    """The first day of the next month: an answer that stays the same for a month."""
    return (instant.date().replace(day=1) + timedelta(days=31)).replace(day=1)
