"""Feeds that are made to hurt: each shape brings some parser to its knees, at about `size` bytes."""

from collections.abc import Iterator

OK = "<item><title>ok</title><link>https://x.example/1</link></item>"


def rss(items: str, before: str = "") -> bytes:
    """An RSS document around `items`."""
    return f'{before}<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def shapes(size: int) -> Iterator[tuple[str, bytes]]:
    """Every shape, with its name."""
    yield from _prologues(size)
    yield from _structures(size)
    yield from _broken(size)
    yield from _texts(size)
    yield from ((f"html: {name}", _entry(html)) for name, html in _html(size))


def _entry(html: str) -> bytes:
    return rss(f"<item><description><![CDATA[{html}]]></description></item>")


def _prologues(size: int) -> Iterator[tuple[str, bytes]]:
    laughs = "".join(f'<!ENTITY a{n} "{(f"&a{n - 1};" if n else "ha") * 10}">' for n in range(9))
    yield "instructions", b"<?" * (size // 2)
    yield "instructions with encodings", ("<?xml " + "<?" * (size // 20) + " encoding='" * (size // 20)).encode()
    yield "encodings", rss(OK, before="<?" + " encoding='" * (size // 11))
    yield "newlines before the root", rss(OK, before="\n" * size)
    yield "a long declaration", ("<?xml" + " " * size + "?><rss/>").encode()
    yield "a billion laughs", rss("<item><title>&a8;</title></item>", before=f"<!DOCTYPE l [{laughs}]>")
    yield (
        "one long entity, often",
        rss(f"<item><title>{'&a;' * (size // 6)}</title></item>", before=f'<!DOCTYPE l [<!ENTITY a "{"a" * size}">]>'),
    )
    yield "document types", rss(OK, before="<!DOCTYPE[" * (size // 10))
    yield "NUL", b"\0" * size
    yield "less-than signs", b"<" * size


def _structures(size: int) -> Iterator[tuple[str, bytes]]:
    yield "elements inside each other", ("<rss><channel>" + "<a>" * (size // 3)).encode()
    yield "items inside each other", ("<rss><channel>" + "<item>" * (size // 6)).encode()
    yield "empty items", rss("<item/>" * (size // 7))
    yield "items of nothing", rss("<item></item>" * (size // 13))
    yield "attributes", rss("<item " + " ".join(f'a{n}="x"' for n in range(size // 8)) + "/>")
    yield "namespaces", rss("<x " + " ".join(f"xmlns:a{n}='u'" for n in range(190)) + "/>" + "<item/>" * (size // 7))
    yield "bases", rss("<x xml:base='a/'>" * 150 + OK)
    yield "categories", rss("<item>" + "<category>c</category>" * (size // 22) + "</item>")
    yield "links", rss("<item>" + "<link>http://x.example/</link>" * (size // 30) + "</item>")
    xhtml = "<content type='xhtml'>" + "<div>" * 150 + "x" + "</div>" * 150 + "<p/>" * (size // 4) + "</content>"
    yield (
        "XHTML",
        f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{xhtml}</entry></feed>".encode(),
    )
    yield "JSON lists inside each other", b"[" * size
    yield "empty JSON items", b'{"items":[' + b"{}," * (size // 3) + b"{}]}"
    yield "a JSON number", b'{"items":[{"id":' + b"1" * size + b"}]}"


def _broken(size: int) -> Iterator[tuple[str, bytes]]:
    unbound = "<x:y/><item><description>"
    yield "less-than signs in a feed", rss("<" * size)
    yield "CDATA without end", rss("<item><title>" + "<![CDATA[" * (size // 9))
    yield "comments without end", rss("<!--" * (size // 4))
    yield "declarations", rss("<!" * (size // 2))
    yield "a quote without end", rss('<item a="' + "x" * size)
    yield "quotes without end", rss("<a b='" * (size // 6))
    yield "attributes without spaces", rss("<item><x " + 'a="b"c' * (size // 6) + "></item>")
    yield "unbound and quotes", rss(unbound + "<a href='" * (size // 9) + "</description></item>")
    yield "unbound and references", rss(unbound + "&lt;" * (size // 4) + "</description></item>")
    yield "unbound and starts", rss(unbound + "<a " * (size // 3) + "</description></item>")
    yield "unbound and slashes", rss(unbound + "<a b=c/" * (size // 7) + "</description></item>")
    yield "unbound and ends", rss("<x:y/><item>" + "</x>" * (size // 4) + "</item>")
    yield "unbound and pairs of quotes", rss("<x:y/><item a=" + "\"'" * (size // 2) + "></item>")


def _texts(size: int) -> Iterator[tuple[str, bytes]]:
    for name, text in (
        ("ampersands", "&" * size),
        ("references", "&nbsp;" * (size // 6)),
        ("letters", "a" * size),
        ("spaces", " a" * (size // 2)),
        ("combining marks", "a" + "\u0301" * (size // 2)),
        ("ends of elements", "&lt;/" * (size // 5)),
    ):
        yield f"title: {name}", rss(f"<item><title>{text}</title></item>")
    for name, text in (("letters", "a" * size), ("at signs", "a@" * (size // 2)), ("dots", "a@" + "a." * (size // 2))):
        yield f"author: {name}", rss(f"<item><author>{text}</author></item>")
    for name, text in (
        ("digits", "1" * size),
        ("noughts", "2026-11-18T10:00:00" + "0" * size),
        ("days", "Wed, " * (size // 5)),
        ("spaces", " " * size),
    ):
        yield f"date: {name}", rss(f"<item><pubDate>{text}</pubDate></item>")


def _html(size: int) -> Iterator[tuple[str, str]]:
    yield "inside each other", "<div>" * (size // 5)
    yield "bold again and again", "".join(f"<b title={n}>" for n in range(190)) + "<p>" * (size // 3)
    yield "tables", "<table><tr><td>" * (size // 15)
    yield "starts in starts", "<div<" * (size // 5)
    yield "drawings", "<svg><desc>" * (size // 11)
    yield "links", "<a>" * (size // 3)
    yield "links again and again", "<a href=x>" * 100 + "<p>" * (size // 3)
    yield "ends", "</p>" * (size // 4)
    yield "list items", "<li>" * (size // 4)
    yield "emphasis on nothing", "<i> </i>" * (size // 8)
    yield "cells", "<table>" + "<td>" * (size // 4)
    yield "definitions", "<dd><span></span>" * (size // 17)
