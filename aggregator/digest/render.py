"""A digest in every form in which readers get it (pure; jinja2).

All forms come from one digest, so they cannot disagree; the preview and the real thing are the same call. An editor
freezes what `render` returns at publication. Pages and feeds are made from the frozen page: `article_of` is what the
web shows between its own header and footer, `content_of` what feeds carry.
"""

import json
import re
import textwrap
from functools import cache

import css_inline
import jinja2
import msgspec
from markupsafe import Markup

from aggregator.digest import commentary
from aggregator.digest.view import DigestView, day, view
from aggregator.model import Digest, Form, Publication
from aggregator.resources import folder

_ARTICLE = '<article class="digest h-entry"'
_CONTENT = '<div class="e-content">'
_ORDINAL = re.compile(r'<span class="ordinal">\d+\.</span> ')
_RUN_IN = re.compile(r'<h2 class="leads">(.*)</h2>\n<p> – ')


def render(digest: Digest, publication: Publication) -> dict[Form, str]:
    """`digest` in all forms, drafts included."""
    seen = view(digest, publication)
    return {
        Form.EMAIL_HTML: _mail(seen),
        Form.EMAIL_TEXT: _set(_for_text(), "email/digest.txt", seen).strip() + "\n",
        Form.PAGE: _set(_for_html(), "blog/page.html", seen),
        Form.MARKDOWN: _set(_for_text(), "blog/digest.md", seen).strip() + "\n",
        Form.JSON: msgspec.json.format(msgspec.json.encode(digest), indent=2).decode() + "\n",
    }


def from_json(text: str) -> Digest:
    """The digest of which `text` is the JSON form. Raises msgspec.DecodeError when it is none."""
    return msgspec.json.decode(text, type=Digest)


def article_of(page: str) -> str:
    """The article element of a page that `render` made: the digest from its heading to its outro."""
    return page[page.index(_ARTICLE) : page.rindex("</article>")] + "</article>"


def content_of(page: str) -> str:
    """What stands under the heading in a page that `render` made: intro, picks and outro, for feeds.

    Feed readers number a list themselves and know no run-in headings, so there a title stands in its paragraph.
    """
    article = article_of(page)
    content = article[article.index(_CONTENT) + len(_CONTENT) : article.rindex("</div>")].strip()
    return _RUN_IN.sub(r"<p><strong>\1</strong> – ", _ORDINAL.sub("", content))


def _mail(seen: DigestView) -> str:
    # Its inliner parses the page as HTML5 and never fetches anything: the style stands in the page itself.
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    return inliner.inline(_set(_for_html(), "email/digest.html", seen))


def _set(templates: jinja2.Environment, name: str, seen: DigestView) -> str:
    return templates.get_template(name).render(digest=seen, publication=seen.publication)


@cache
def _for_html() -> jinja2.Environment:
    templates = _templates(autoescape=True)
    templates.filters["html"] = lambda markdown, opening="": Markup(commentary.to_html(markdown, opening=opening))  # noqa: S704
    return templates


@cache
def _for_text() -> jinja2.Environment:
    templates = _templates(autoescape=False)
    templates.filters |= {
        "text": commentary.to_text,
        "markdown": commentary.to_markdown,
        "escaped": commentary.escaped,
        "target": commentary.target,
        "wrapped": commentary.wrapped,
        "quoted": commentary.quoted,
        "yaml": lambda text: json.dumps(text, ensure_ascii=False),
        "hung": lambda text, by: textwrap.indent(text, " " * by).lstrip(" "),
    }
    templates.tests["words"] = commentary.starts_with_words
    return templates


def _templates(*, autoescape: bool) -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder("templates")),
        autoescape=autoescape,  # noqa: S701 - off for the forms that are not HTML
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["day"] = day
    return templates
