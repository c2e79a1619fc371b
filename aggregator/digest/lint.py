"""What an editor would want to be told before Friday (pure). Each says what to do; none blocks an editor who insists.

Codes, for scripts: count, intro-empty, commentary-empty, same-author, same-organisation, organisation-lately,
address-used, old, job-closed, job-incomplete, not-https, tracking, title-cut, link-text, link-missing, not-open,
quote-not-found, quote-empty, title-number, embed-missing, image-alt.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markdown_it import MarkdownIt
from markdown_it.token import Token

from aggregator.canonical import canonical_url, without_tracking
from aggregator.digest.commentary import leads_to
from aggregator.digest.formats import counts_in
from aggregator.digest.rules import in_words
from aggregator.model import (
    Access,
    Digest,
    DigestFormat,
    DigestStatus,
    EarlierPick,
    Kind,
    Pick,
    Piece,
    Publication,
    Style,
    Warned,
)

OLD = timedelta(days=14)

# WCAG 2.2, success criterion 2.4.4: what a link says when a screen reader lists the links of a page.
# fmt: off
_SAYS_NOTHING = frozenset((
    "here", "click here", "click", "this", "this link", "link", "this one", "this post", "this page", "this article",
    "more", "read more", "read this", "read on", "learn more", "find out more", "see more", "continue reading",
    "article", "post", "blog", "website", "page",
))
# fmt: on
_CUT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$")
# Where a quote leaves words out or puts the editor's own in: "...", "[…]", "[the council]".
_BRIDGE = re.compile(r"\[[^\]]*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,}")
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00ad": ""})

_markdown = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a draft is held against."""

    publication: Publication
    earlier: Sequence[EarlierPick]  # the picks of every other digest
    pieces: Mapping[int, Piece]  # by bookmark, where an entry stands behind it
    today: date
    repeat_digests: int  # how many digests a blog should rest; 0 for none


def lint(digest: Digest, context: Context) -> tuple[Warned, ...]:
    """Every warning: first those of the whole digest, then pick by pick."""
    found = [*_whole(digest, context), *_used(digest, context)]
    for pick in digest.picks:
        for check in _CHECKS:
            found += check(pick, digest, context)
    return tuple(sorted(found, key=lambda warned: warned.position or 0))


def _whole(digest: Digest, context: Context) -> Iterator[Warned]:
    match digest.format:
        case DigestFormat.FRIDAY:
            yield from _count(len(digest.picks), context.publication.picks)
        case DigestFormat.THEMED:
            yield from _number(digest.title, len(digest.picks))
        case DigestFormat.LINK:
            pass
    if not digest.intro.strip() and digest.format is not DigestFormat.LINK:
        yield _warned("intro-empty", None, "There is no intro.", f"Write one playful sentence: {_edit(digest)}")
    yield from _words("The intro", digest.intro, None)
    yield from _words("The outro", digest.outro, None)


def _count(have: int, want: int) -> Iterator[Warned]:
    if have != want:
        more = "Pick more with: five digest pick BOOKMARK" if have < want else "Take some out: five digest unpick N"
        yield _warned("count", None, f"The digest has {have} {_plural(have)}; readers know it for {want}.", more)


def _number(title: str, have: int) -> Iterator[Warned]:
    said = counts_in(title)
    if said and have not in said:
        message = f"The title says {said[0]}, and the list has {have}."
        yield _warned(
            "title-number", None, message, "Change one or the other; a number at the start follows by itself."
        )


def _commentary(pick: Pick, digest: Digest, _context: Context) -> Iterator[Warned]:
    if not pick.commentary.strip() and digest.format is not DigestFormat.LINK:
        yield _warned(
            "commentary-empty", pick, "It has no commentary.", f"Say why it is worth reading: {_edit(digest)}"
        )
    yield from _words("The commentary", pick.commentary, pick)


def _voices(pick: Pick, digest: Digest, _context: Context) -> Iterator[Warned]:
    before = [other for other in digest.picks if other.position < pick.position]
    author = next((other for other in before if _same(pick.author, other.author)), None)
    if author:
        message = f"{pick.author} wrote pick {author.position} as well."
        yield _warned("same-author", pick, message, "Give the place to another voice, if you can.")
    organisation = next((other for other in before if _same(pick.organisation, other.organisation)), None)
    if organisation:
        message = f"{pick.organisation} has pick {organisation.position} as well."
        yield _warned("same-organisation", pick, message, "Give the place to another organisation, if you can.")


def _rest(pick: Pick, digest: Digest, context: Context) -> Iterator[Warned]:
    if digest.format is not DigestFormat.FRIDAY:  # what a list is about, a council may have much of
        return
    before = [o for o in context.earlier if o.format is DigestFormat.FRIDAY and o.friday < digest.friday]
    fridays = sorted({other.friday for other in before}, reverse=True)[: context.repeat_digests]
    lately = [other for other in before if other.friday in fridays and _same(pick.organisation, other.organisation)]
    if lately:
        message = f"{pick.organisation} was picked lately, in the digest of {max(other.slug for other in lately)}."
        yield _warned("organisation-lately", pick, message, "Let it rest for a week or two, if you can.")


def _used(digest: Digest, context: Context) -> Iterator[Warned]:
    """Addresses that readers were given already, here or in another digest of this format."""
    alike = [other for other in context.earlier if other.format is digest.format]
    slugs = {_key(other.url): other.slug for other in sorted(alike, key=lambda other: other.friday)}
    positions: dict[str, int] = {}
    for pick in digest.picks:
        key = _key(pick.url)
        first = positions.setdefault(key, pick.position)
        if key in slugs:
            message = f"Its address is already in the digest of {slugs[key]}."
            yield _warned("address-used", pick, message, f"Unless you mean it: {_unpick(pick, digest)}")
        elif first != pick.position:
            message = f"It has the same address as pick {first}."
            yield _warned("address-used", pick, message, f"Take one of them out: {_unpick(pick, digest)}")


def _address(pick: Pick, _digest: Digest, _context: Context) -> Iterator[Warned]:
    if pick.url.lower().startswith("http:"):
        message = f"Its address begins with http: {pick.url}"
        yield _warned("not-https", pick, message, "Try it with https, and use that if the page opens.")
    clean = without_tracking(pick.url)
    if clean != pick.url:
        yield _warned("tracking", pick, "Its address follows readers around.", f"Use {clean} instead.")


def _dates(pick: Pick, digest: Digest, context: Context) -> Iterator[Warned]:
    # A draft is read on its Friday at the earliest; one that is out was read on that Friday.
    out = digest.friday if digest.status is DigestStatus.PUBLISHED else max(digest.friday, context.today)
    is_news = digest.format is DigestFormat.FRIDAY
    if is_news and pick.published_on and out - pick.published_on > OLD:
        days = (out - pick.published_on).days
        message = f"It is from {in_words(pick.published_on)}, {days} days before readers see it."
        yield _warned("old", pick, message, "Say in the commentary why it is worth going back to, or pick another.")
    if pick.kind is Kind.JOB:
        yield from _job(pick, digest, out)


def _job(pick: Pick, digest: Digest, out: date) -> Iterator[Warned]:
    if pick.closes_on and pick.closes_on < out:
        message = f"The job closes on {in_words(pick.closes_on)}, before readers see it."
        yield _warned("job-closed", pick, message, f"Take it out: {_unpick(pick, digest)}")
    missing = [name for name, value in (("employer", pick.employer), ("closing date", pick.closes_on)) if not value]
    if missing:
        message = f"The job has no {' and no '.join(missing)}."
        yield _warned("job-incomplete", pick, message, f"Add the lines `employer:` and `closes:` with: {_edit(digest)}")


def _title(pick: Pick, digest: Digest, context: Context) -> Iterator[Warned]:
    piece = context.pieces.get(pick.bookmark_id)
    given = piece.title.strip() if piece else ""
    # Titles come cleaned of their dots; the feed's own still tells that it stops in the middle.
    stem = _CUT.sub("", given).strip()
    if _CUT.search(pick.title) or (stem != given and stem == pick.title.strip()):
        message = f"Its title is cut short: {pick.title}"
        yield _warned("title-cut", pick, message, f"Copy the whole title from the page: {_edit(digest)}")


def _page(pick: Pick, digest: Digest, _context: Context) -> Iterator[Warned]:
    if pick.access is not Access.OPEN:
        wall = "a sign-in" if pick.access is Access.SIGN_IN else "a paywall"
        yield _warned(
            "not-open", pick, f"Its page is behind {wall}.", "Find an open copy, or another pick, if you can."
        )
    is_edition = digest.format is DigestFormat.FRIDAY  # elsewhere the link has a place of its own
    if is_edition and pick.style is Style.SENTENCE and not leads_to(pick.commentary, pick.url):
        message = "It is in sentence style, but its commentary does not hold its link."
        advice = f"Write the link into the sentence, as [what it says]({pick.url}), or take `style: sentence` out."
        yield _warned("link-missing", pick, message, advice)


def _shown(pick: Pick, digest: Digest, _context: Context) -> Iterator[Warned]:
    if digest.format is DigestFormat.LINK and not pick.quote.strip():
        advice = f"Copy the paragraph that says it best, word for word: {_edit(digest)}"
        yield _warned("quote-empty", pick, "There is no quoted paragraph.", advice)
    is_to_watch = digest.format is DigestFormat.THEMED and pick.kind in (Kind.VIDEO, Kind.SLIDES)
    if is_to_watch and not pick.embed_url:
        advice = f"Add its address as the line `embed:` with: {_edit(digest)}"
        yield _warned("embed-missing", pick, "There is nothing to watch in place.", advice)


def _quote(pick: Pick, _digest: Digest, context: Context) -> Iterator[Warned]:
    piece = context.pieces.get(pick.bookmark_id)
    if pick.quote.strip() and piece and piece.text.strip() and not _occurs(pick.quote, piece.text):
        message = "Its quote does not occur in what the feed gave of the piece."
        advice = "Compare it with the page: a quote is word for word, and a feed may carry only the start."
        yield _warned("quote-not-found", pick, message, advice)


_Check = Callable[[Pick, Digest, Context], Iterator[Warned]]
_CHECKS: tuple[_Check, ...] = (_commentary, _voices, _rest, _address, _dates, _title, _page, _shown, _quote)


def _edit(digest: Digest) -> str:
    """The command that opens it, which without a name takes the open Friday."""
    return "five digest edit" + ("" if digest.format is DigestFormat.FRIDAY else f" {digest.slug}")


def _unpick(pick: Pick, digest: Digest) -> str:
    """The command that takes the pick out, in the same way."""
    named = "" if digest.format is DigestFormat.FRIDAY else f" --digest {digest.slug}"
    return f"five digest unpick {pick.position}{named}"


def _words(where: str, markdown: str, pick: Pick | None) -> Iterator[Warned]:
    """Links and images that a reader without sight would stumble over."""
    for text in _link_texts(markdown):
        if not text or _plain(text).strip(" .,:;!>»→") in _SAYS_NOTHING:
            message = f"{where} has a link that says only “{text}”."
            yield _warned("link-text", pick, message, "Let the link say what it leads to.")
    for image in _tokens(markdown, "image"):
        if not image.content.strip():
            message = f"{where} has an image without alternative text."
            yield _warned("image-alt", pick, message, "Describe it between the square brackets, or take it out.")


def _link_texts(markdown: str) -> Iterator[str]:
    inside: list[str] = []
    for token in _tokens(markdown, "link_open", "link_close", "text", "code_inline", "image"):
        if token.type == "link_open":
            inside = []
        elif token.type == "link_close":
            yield "".join(inside).strip()
        else:
            inside.append(token.content)


def _tokens(markdown: str, *types: str) -> Iterator[Token]:
    for block in _markdown.parse(markdown):
        for token in block.children or ():
            if token.type in types:
                yield token


def _occurs(quote: str, text: str) -> bool:
    """Whether the words of `quote` stand in `text`, its parts in order when it leaves words out."""
    rest = _plain(text)
    for part in _BRIDGE.split(quote):
        words = _plain(part).strip(" \"'.,;:-")
        start = rest.find(words)
        if start < 0:
            return False
        rest = rest[start + len(words) :]
    return True


def _plain(text: str) -> str:
    return " ".join(text.translate(_PLAIN).split()).casefold()


def _key(url: str) -> str:
    # A page that has moved from http to https since is the same page.
    return canonical_url(url).partition("://")[2]


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and _plain(one or "") == _plain(other or "")


def _plural(count: int) -> str:
    return "pick" if count == 1 else "picks"


def _warned(code: str, pick: Pick | None, message: str, advice: str) -> Warned:
    return Warned(code=code, position=pick.position if pick else None, message=message, advice=advice)
