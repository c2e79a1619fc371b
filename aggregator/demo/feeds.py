"""Sample blogs as feed documents: RSS 2.0, RSS 1.0, Atom and JSON Feed, as real platforms write them (pure)."""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aggregator.demo.blogs import Blog, Post


def document(blog: Blog, now: datetime) -> tuple[bytes, str]:
    """The feed of `blog` as bytes, and its content type."""
    if blog.form == "json":
        return _json(blog, now), "application/feed+json"
    if blog.form == "atom":
        return _atom(blog, now).encode(), "application/atom+xml"
    if blog.form == "rdf":
        return _rdf(blog, now).encode(), "application/rdf+xml"
    encoding = "iso-8859-1" if blog.form == "rss-latin-1" else "utf-8"
    return _rss(blog, now, encoding).encode(encoding), "text/xml"


def address(blog: Blog, post: Post) -> str:
    """Where the post is."""
    return post.url or f"{blog.home}/{post.slug}"


def _html(post: Post) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in post.paragraphs)


def _posted(post: Post, now: datetime) -> datetime:
    return (now - timedelta(hours=post.hours_old)).replace(microsecond=0)


def _rss(blog: Blog, now: datetime, encoding: str) -> str:
    items = "".join(
        f"<item><title>{escape(post.title)}</title><link>{escape(address(blog, post))}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{blog.key}-{post.slug}</guid><dc:creator>{escape(post.author)}</dc:creator>"
        f"<pubDate>{format_datetime(_posted(post, now))}</pubDate>"
        f"<description>{escape(post.paragraphs[0])}</description>"
        f"<content:encoded>{escape(_html(post))}</content:encoded></item>\n"
        for post in blog.posts
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(blog.title)}</title><link>{blog.home}/</link>"
        f"<description>{escape(blog.title)}</description><language>{blog.language}</language>\n"
        f"{items}</channel></rss>"
    )


def _rdf(blog: Blog, now: datetime) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{address(blog, post)}"/>' for post in blog.posts)
    items = "".join(
        f'<item rdf:about="{address(blog, post)}"><title>{escape(post.title)}</title>'
        f"<link>{address(blog, post)}</link><description>{escape(' '.join(post.paragraphs))}</description>"
        f"<dc:creator>{escape(post.author)}</dc:creator><dc:date>{_posted(post, now).isoformat()}</dc:date></item>\n"
        for post in blog.posts
    )
    return (
        '<?xml version="1.0"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{blog.home}/"><title>{escape(blog.title)}</title><link>{blog.home}/</link>'
        f"<description>{escape(blog.title)}</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        f"{items}</rdf:RDF>"
    )


def _atom(blog: Blog, now: datetime) -> str:
    entries = "".join(
        f'<entry><title type="text">{escape(post.title)}</title><link rel="alternate" href="{address(blog, post)}"/>'
        f"<id>tag:{blog.home.removeprefix('https://')},2026:{post.slug}</id><author><name>{escape(post.author)}</name>"
        f"</author><published>{_posted(post, now).isoformat()}</published>"
        f"<updated>{_posted(post, now).isoformat()}</updated>"
        f'<content type="html">{escape(_html(post))}</content></entry>\n'
        for post in blog.posts
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{blog.language}">'
        f'<title>{escape(blog.title)}</title><id>{blog.home}/</id><link href="{blog.home}/"/>'
        f"<updated>{now.isoformat()}</updated>\n{entries}</feed>"
    )


def _json(blog: Blog, now: datetime) -> bytes:
    items = [
        {
            "id": address(blog, post),
            "url": address(blog, post),
            "title": post.title,
            "content_html": _html(post),
            "date_published": _posted(post, now).isoformat(),
            "authors": [{"name": post.author}],
            "language": "en" if post.slug == "welsh-first" else blog.language,
        }
        for post in blog.posts
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": blog.title,
        "home_page_url": f"{blog.home}/",
        "language": blog.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False).encode()
