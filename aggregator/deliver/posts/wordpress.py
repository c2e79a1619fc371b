"""A WordPress site, by its REST interface and an application password (developer.wordpress.org/rest-api).

A digest is looked for by its slug, among drafts and in the bin too, before anything is made, so that it is never made
twice. A post with that slug is ours when it holds our mark; another one is left alone. A new one is made as a draft:
WordPress may give it another slug than we asked for, and such a one is taken away before anybody has seen it.
"""

import base64
import html
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from aggregator.addresses import safe_url
from aggregator.clock import Clock
from aggregator.deliver.credentials import NoPassword, password_for
from aggregator.deliver.posts.answers import check
from aggregator.deliver.posts.places import Article, Next, PostFailed
from aggregator.outbound import Outbound, RequestFailed
from aggregator.settings import Settings

_TRASHED = "__trashed"
"""What WordPress adds to the slug of what is in its bin."""
_STATES = "publish,future,draft,pending,private,trash"
_SIGN_IN = "Check wordpress_user and its application password, and that this user may write and publish posts."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remote:
    """A post, as far as we ask."""

    id: int
    slug: str
    status: str
    link: str = ""
    content: _Content = _Content()


class WordPress:
    """A place: see Place."""

    name = "wordpress"
    finds_again = True

    def __init__(self, settings: Settings, outbound: Outbound, clock: Clock) -> None:
        self._settings = settings
        self._outbound = outbound
        self._clock = clock
        self._posts = f"{settings.wordpress_url}/wp-json/wp/v2/posts"
        self.about = f"{settings.wordpress_url} (WordPress)"

    def problem(self) -> str | None:
        """See Place."""
        try:
            self._authorization()
        except PostFailed as failure:
            return f"{failure.what} {failure.hint}"
        return None if self._settings.wordpress_user else "wordpress_url is set, but wordpress_user is not."

    async def put(self, article: Article) -> str:
        """See Place."""
        found = await self._found(article)
        words = {"title": html.escape(article.title, quote=False), "content": content_of(article)}
        if found is None:
            found = await self._made(article, words)
            words = {}
        wanted = self._settings.wordpress_status
        # What somebody there took back to a draft, after it stood, stays one.
        if wanted == "publish" and found.status == "draft" and article.stands_at is None:
            words["status"] = wanted
        if words:
            found = await self._ask(f"/{found.id}", _Remote, words)
        return safe_url(found.link) or self._settings.wordpress_url

    async def _found(self, article: Article) -> _Remote | None:
        asked = {
            "slug": f"{article.slug},{article.slug}{_TRASHED}",
            "status": _STATES,
            "context": "edit",
            "_fields": "id,slug,status,link,content",
        }
        there: tuple[_Remote, ...] = await self._ask(f"?{urlencode(asked)}", tuple[_Remote, ...])
        ours = [one for one in there if mark(article.slug) in one.content.raw]
        if any(one.status != "trash" for one in ours):
            return next(one for one in ours if one.status != "trash")
        if ours:
            raise PostFailed(
                "The digest is in WordPress's bin.",
                "Restore it there, or empty the bin, and post it again.",
                then=Next.PERSON,
            )
        if any(one.slug == article.slug for one in there):
            raise self._taken(article)
        if article.stands_at is not None:
            raise PostFailed(
                "The digest was posted to WordPress, and is not there any more.",
                f"To have it made anew: five outbox post {article.slug} --to {self.name}",
                then=Next.PERSON,
            )
        return None

    async def _made(self, article: Article, words: dict[str, str]) -> _Remote:
        made: _Remote = await self._ask("", _Remote, words | {"slug": article.slug, "status": "draft"})
        if made.slug == article.slug:
            return made
        await self._ask(f"/{made.id}", object, {}, {"X-HTTP-Method-Override": "DELETE"})  # into the bin
        raise self._taken(article)

    def _taken(self, article: Article) -> PostFailed:
        return PostFailed(
            f"WordPress has something else under the name {article.slug}.",
            "Give that another name there, and post the digest again.",
            then=Next.PERSON,
        )

    async def _ask(
        self, path: str, expected: Any, words: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        """What the interface answers, as `expected`; `words` are posted. Raises PostFailed."""
        fields = {"Accept": "application/json", "Authorization": self._authorization(), **(headers or {})}
        body = None
        if words is not None:
            fields["Content-Type"] = "application/json"
            body = msgspec.json.encode(words)
        try:
            response = await self._outbound.send(f"{self._posts}{path}", headers=fields, body=body)
        except RequestFailed as failure:
            raise PostFailed(failure.what, failure.hint) from failure
        check(response, self.about, setting="wordpress_url", sign_in=_SIGN_IN, now=self._clock())
        try:
            return msgspec.json.decode(response.body, type=expected)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            what = f"{self.about} answered something that WordPress does not."
            raise PostFailed(what, "Check wordpress_url; the site may be closed for maintenance.") from error

    def _authorization(self) -> str:
        settings = self._settings
        try:
            password = password_for(
                "wordpress",
                user=settings.wordpress_user,
                password=settings.wordpress_password,
                file=settings.wordpress_password_file,
            )
        except NoPassword as error:
            raise PostFailed(error.what, error.hint, then=Next.PERSON) from error
        return "Basic " + base64.b64encode(f"{settings.wordpress_user}:{password}".encode()).decode()


def content_of(article: Article) -> str:
    """What WordPress is given: one block of HTML, in which line breaks mean nothing, and brackets are no shortcode."""
    return f"<!-- wp:html -->\n{article.html.replace('[', '&#91;')}\n{mark(article.slug)}\n<!-- /wp:html -->"


def mark(slug: str) -> str:
    """What stands, unseen, in a post that is ours; WordPress keeps comments."""
    return f"<!-- five-for-friday: {slug} -->"
