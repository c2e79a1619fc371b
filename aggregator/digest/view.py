"""A digest as its templates see it: every decision on what to show is made here, once for all forms (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

from aggregator.addresses import safe_url
from aggregator.digest import commentary
from aggregator.languages import foreign, in_words
from aggregator.model import Access, Digest, DigestFormat, Kind, Pick, Publication, Style

_ACCESS = {Access.SIGN_IN: "sign-in needed", Access.PAYWALL: "behind a paywall"}
_WATCH = {Kind.VIDEO: "Watch", Kind.SLIDES: "See the slides of", Kind.PODCAST: "Listen to"}
_YOUTUBE = re.compile(r"(?:www\.|m\.)?(?:youtube\.com|youtube-nocookie\.com)\Z")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{6,20}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One of the small facts under a pick: what sort it is ("author", "date", ...), and its words."""

    sort: str
    text: str
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickView:
    """A pick, ready to be set. Its title is linked unless its commentary holds the link."""

    position: int
    anchor: str
    title: str
    url: str | None
    language: str | None  # when it is not the digest's own
    title_leads: bool  # title-dash: the title runs into the commentary
    title_is_linked: bool
    speaker: str  # in a themed list, whose name stands in the heading
    commentary: str  # Markdown
    facts: tuple[Fact, ...]
    quote: tuple[str, ...]  # paragraphs, with quotation marks
    quote_source: str
    via_name: str
    via_url: str | None
    embed_url: str | None
    embed_label: str
    player_url: str | None  # plays it without cookies


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A note on what was put right, and its day."""

    on: date
    note: str  # Markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """A digest, ready to be set."""

    slug: str
    title: str
    is_list: bool  # themed: headings with names
    is_link: bool  # a post about its one pick
    number: int | None
    friday: date
    published: str  # an instant, or a day, as RFC 3339 writes it
    url: str
    intro: str  # Markdown
    outro: str  # Markdown
    summary: str  # the intro, or what a link post says first, on one line; at most 150 characters
    picks: tuple[PickView, ...]
    corrections: tuple[Corrected, ...]
    publication: Publication
    contact_url: str | None
    unsubscribe_url: str  # of nobody yet: each reader's mail gets its own
    manage_url: str  # likewise


def view(digest: Digest, publication: Publication) -> DigestView:
    """What `digest` shows."""
    contact = publication.contact
    is_mail = "@" in contact and safe_url(contact) is None
    mailto = f"mailto:{quote(contact, safe='@+')}" if is_mail else None
    return DigestView(
        slug=digest.slug,
        title=commentary.one_line(digest.title),
        is_list=digest.format is DigestFormat.THEMED,
        is_link=digest.format is DigestFormat.LINK,
        number=digest.number,
        friday=digest.friday,
        published=digest.published_at.isoformat() if digest.published_at else digest.friday.isoformat(),
        url=publication.digest_url(digest.slug),
        intro=digest.intro,
        outro=digest.outro,
        summary=_shortened(summary_of(digest), 150),
        picks=tuple(_pick(pick, digest.format) for pick in digest.picks),
        corrections=tuple(
            Corrected(on=made.at.astimezone(ZoneInfo(publication.zone)).date(), note=made.note)
            for made in digest.corrections
        ),
        publication=publication,
        contact_url=mailto or safe_url(contact),
        unsubscribe_url=publication.unsubscribe_url(),
        manage_url=publication.manage_url(),
    )


def summary_of(digest: Digest) -> str:
    """Its intro on one line; of a link post without one, what it quotes or says."""
    found = commentary.to_line(digest.intro)
    if not found and digest.format is DigestFormat.LINK:
        found = next((pick.quote or commentary.to_line(pick.commentary) for pick in digest.picks), "")
    return commentary.one_line(found)


def day(on: date) -> str:
    """A date as people in Britain read it: 20 November 2026."""
    return f"{on.day} {on:%B %Y}"


def _pick(pick: Pick, form: DigestFormat) -> PickView:
    is_list = form is DigestFormat.THEMED
    url = safe_url(pick.url)
    embed = safe_url(pick.embed_url) if pick.embed_url else None
    title = commentary.one_line(pick.title) or pick.url
    title_leads = pick.style is Style.TITLE_DASH and form is DigestFormat.FRIDAY
    people = _people(pick)
    return PickView(
        position=pick.position,
        anchor=f"pick-{pick.position}",
        title=title,
        url=url,
        language=foreign(pick.language),
        title_leads=title_leads,
        title_is_linked=url is not None and (title_leads or is_list or not commentary.leads_to(pick.commentary, url)),
        speaker=people[0] if is_list and people else "",
        commentary=pick.commentary,
        facts=tuple(_facts(pick, people[1:] if is_list else people)),
        quote=_quoted(pick.quote),
        quote_source=next(iter(people), title),
        via_name=commentary.one_line(pick.via_name or ""),
        via_url=safe_url(pick.via_url) if pick.via_url else None,
        embed_url=embed,
        embed_label=f"{_WATCH.get(pick.kind, 'See')} “{title}”",
        player_url=_player(embed) if embed else None,
    )


def _facts(pick: Pick, people: Sequence[str]) -> list[Fact]:
    facts = []
    if pick.kind is not Kind.ARTICLE:
        facts.append(Fact(sort="kind", text=pick.kind.label))
    if pick.employer:
        facts.append(Fact(sort="employer", text=commentary.one_line(pick.employer)))
    facts += [Fact(sort="author", text=name) for name in people if name != pick.employer]
    if pick.published_on:
        facts.append(Fact(sort="date", text=day(pick.published_on), on=pick.published_on))
    if pick.closes_on:
        facts.append(Fact(sort="closes", text=f"closes {day(pick.closes_on)}", on=pick.closes_on))
    if language := foreign(pick.language):
        facts.append(Fact(sort="language", text=f"in {in_words(language)}"))
    if pick.access in _ACCESS:
        facts.append(Fact(sort="access", text=_ACCESS[pick.access]))
    return facts


def _people(pick: Pick) -> list[str]:
    """Author and organisation, each once."""
    names = [commentary.one_line(name) for name in (pick.author, pick.organisation) if name]
    return list(dict.fromkeys(name for name in names if name))


def _quoted(quote: str) -> tuple[str, ...]:
    """Its paragraphs; marks open every one and close the last, as print does, unless they are there already."""
    paragraphs = [line for part in re.split(r"\n\s*\n", quote) if (line := commentary.one_line(part))]
    if not paragraphs or paragraphs[0][0] in "“\"‘'«":
        return tuple(paragraphs)
    opened = [f"“{paragraph}" for paragraph in paragraphs]
    return (*opened[:-1], f"{opened[-1]}”")


def _player(url: str) -> str | None:
    """The address at which the video plays without cookies, for the two hosts that offer one."""
    parts = urlsplit(url)
    host, path = (parts.hostname or ""), parts.path.strip("/").split("/")
    if host == "youtu.be":
        found = path[0]
    elif _YOUTUBE.match(host):
        found = path[-1] if path[0] in ("embed", "shorts", "live") else parse_qs(parts.query).get("v", [""])[0]
    elif host in ("vimeo.com", "www.vimeo.com", "player.vimeo.com") and path[-1].isdecimal():
        return f"https://player.vimeo.com/video/{path[-1]}?dnt=1"
    else:
        return None
    return f"https://www.youtube-nocookie.com/embed/{found}" if _VIDEO_ID.match(found) else None


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "…"
