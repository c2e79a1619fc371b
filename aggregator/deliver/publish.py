"""What is published, as feeds carry it."""

from typing import Protocol

from aggregator.deliver.syndication import Published
from aggregator.digest.render import content_of
from aggregator.model import Digest, Form

DIGESTS_IN_A_FEED = 20


class Digests(Protocol):
    """Where the digests are: the editor's verbs that read."""

    def published(self, limit: int = ...) -> tuple[Digest, ...]:
        """The published ones, the newest first."""

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form, frozen when it was published."""


def latest(digests: Digests) -> tuple[Published, ...]:
    """The newest published digests, as many as a feed carries."""
    return tuple(edition(digests, digest) for digest in digests.published(DIGESTS_IN_A_FEED))


def edition(digests: Digests, digest: Digest) -> Published:
    """One digest; a draft as it would be."""
    return Published(digest=digest, html=content_of(digests.rendering(digest.slug, Form.PAGE)))
