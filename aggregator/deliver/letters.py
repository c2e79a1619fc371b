"""What the program writes to one reader by itself, and the words that a reader agrees to (pure)."""

import textwrap
from dataclasses import dataclass
from functools import cache

import css_inline
import jinja2

from aggregator.deliver.message import Letter
from aggregator.model import Publication
from aggregator.resources import folder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """A letter before it is set as text and as HTML: three paragraphs, the middle one a link."""

    subject: str
    heading: str
    opening: str
    invitation: str
    url: str
    closing: str


def wording(publication: Publication) -> str:
    """What stands at the button of the form, word for word: the consent log keeps it."""
    return (
        f"Send me {publication.title} by mail, about once a week. My address is used for nothing else and given to "
        "nobody. Each mail has a link with which I can stop it."
    )


def confirmation(publication: Publication, *, to: str, token: str, message_id: str) -> Letter:
    """The letter that asks whether it was really the reader who asked."""
    words = _Words(
        subject=f"Please confirm: {publication.title}",
        heading=f"Do you want {publication.title}?",
        opening=f"Somebody, we hope you, asked for {publication.title} at this address.",
        invitation="To get it, open this page and press the button on it",
        url=f"{publication.base_url}/confirm/{token}",
        closing="If it was not you, do nothing: no more mail comes, and your address is forgotten after two weeks.",
    )
    return _letter(words, publication, to=to, message_id=message_id)


def already(publication: Publication, *, to: str, token: str, message_id: str) -> Letter:
    """The letter to somebody who asks again: only the mailbox learns that it is known."""
    words = _Words(
        subject=f"You already get {publication.title}",
        heading=f"You already get {publication.title}",
        opening=f"Somebody, perhaps you, asked for {publication.title} at this address. You get it already.",
        invitation="See what we keep about you, or stop the mail",
        url=publication.manage_url(token),
        closing="If it was not you, do nothing: nothing has changed.",
    )
    return _letter(words, publication, to=to, message_id=message_id)


def _letter(words: _Words, publication: Publication, *, to: str, message_id: str) -> Letter:
    return Letter(
        to=to,
        subject=words.subject,
        text=_as_text(words, publication),
        html=_as_html(words, publication),
        message_id=message_id,
    )


def _as_text(words: _Words, publication: Publication) -> str:
    paragraphs = [
        textwrap.fill(words.opening, 72),
        f"{textwrap.fill(f'{words.invitation}:', 72)}\n{words.url}",
        textwrap.fill(words.closing, 72),
    ]
    contact = f"\nWrite to us: {publication.contact}" if publication.contact else ""
    return "\n\n".join(paragraphs) + f"\n\n-- \n{publication.title}\n{publication.base_url}/{contact}\n"


def _as_html(words: _Words, publication: Publication) -> str:
    page = _templates().get_template("email/letter.html").render(letter=words, publication=publication)
    return css_inline.CSSInliner(load_remote_stylesheets=False).inline(page)


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
