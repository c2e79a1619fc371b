"""What sort of thing a page is, as far as its address and what it says of itself can tell (pure)."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from aggregator.model import Kind

# Host (with its subdomains), then the start of the path. Only addresses that hold one thing of the kind: a channel
# or a list of jobs is an article to us.
_PATTERNS: tuple[tuple[Kind, str, str], ...] = (
    (Kind.VIDEO, "youtube.com", r"/(watch\b|shorts/.|live/.|playlist\b)"),
    (Kind.VIDEO, "youtube-nocookie.com", r"/embed/."),
    (Kind.VIDEO, "youtu.be", r"/."),
    (Kind.VIDEO, "vimeo.com", r"/(video/)?\d+"),
    (Kind.SLIDES, "slideshare.net", r"/[^/]+/[^/]+"),
    (Kind.SLIDES, "speakerdeck.com", r"/[^/]+/[^/]+"),
    (Kind.SLIDES, "docs.google.com", r"/presentation/."),
    (Kind.PODCAST, "podcasts.apple.com", r"/."),
    (Kind.PODCAST, "open.spotify.com", r"/(episode|show)/."),
    (Kind.EVENT, "eventbrite.co.uk", r"/e/."),
    (Kind.EVENT, "eventbrite.com", r"/e/."),
    (Kind.EVENT, "ti.to", r"/[^/]+/[^/]+"),
    (Kind.EVENT, "meetup.com", r"/[^/]+/events/\d+"),
    (Kind.JOB, "civilservicejobs.service.gov.uk", r"/csr/."),
    (Kind.JOB, "jobsgopublic.com", r"/."),
    (Kind.JOB, "lgjobs.com", r"/."),
    (Kind.JOB, "boards.greenhouse.io", r"/[^/]+/jobs/\d+"),
    (Kind.JOB, "jobs.lever.co", r"/[^/]+/."),
    (Kind.JOB, "apply.workable.com", r"/[^/]+/j/."),
    (Kind.JOB, "linkedin.com", r"/jobs/view/."),
)
_PATHS: dict[str, list[tuple[Kind, re.Pattern[str]]]] = {}
for _kind, _site, _path in _PATTERNS:
    _PATHS.setdefault(_site, []).append((_kind, re.compile(_path)))
_JOB_PATH = re.compile(r"/(jobs?|vacanc(y|ies))/[^/]+")
_PDF_PATH = re.compile(r".*\.pdf$", re.IGNORECASE)

# What pages say that they are: Open Graph types, and types of schema.org without what an article may hold as well.
_TYPES = {
    "video.movie": Kind.VIDEO,
    "video.episode": Kind.VIDEO,
    "video.tv_show": Kind.VIDEO,
    "video.other": Kind.VIDEO,
    "video": Kind.VIDEO,
    "videoobject": Kind.VIDEO,
    "presentationdigitaldocument": Kind.SLIDES,
    "podcastepisode": Kind.PODCAST,
    "podcastseries": Kind.PODCAST,
    "radioepisode": Kind.PODCAST,
    "jobposting": Kind.JOB,
    "event": Kind.EVENT,
    "businessevent": Kind.EVENT,
    "educationevent": Kind.EVENT,
}


def kind_of(url: str, *, media_type: str = "", types: Sequence[str] = ()) -> Kind:
    """The kind of page at `url`, an http or https address; an article, unless something says otherwise.

    The address is believed first, then the `media_type` it answers with, then the `types` that the page gives itself.
    """
    parts = urlsplit(url)
    site = parts.hostname or ""
    while site:  # looked up, not walked through: each entry that is read asks
        for kind, path in _PATHS.get(site, ()):
            if path.match(parts.path):
                return kind
        site = site.partition(".")[2]
    if _JOB_PATH.match(parts.path):
        return Kind.JOB
    if _PDF_PATH.match(parts.path) or media_type == "application/pdf":
        return Kind.PDF
    return next((_TYPES[kind] for kind in types if kind in _TYPES), Kind.ARTICLE)
