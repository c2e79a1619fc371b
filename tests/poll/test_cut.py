"""Which documents are taken apart, into what, and which are left whole, each for its reason."""

import pytest

from aggregator.poll.cut import cut, digest, is_plain

RSS, TAIL = '<rss version="2.0"><channel><title>B</title>', "</channel></rss>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>'
ONE, TWO = "<item><title>One</title></item>", "<item><title>Two</title></item>"
LONG_ITEM = f"<item><title>{'x' * 1_000_000}</title></item>"


@pytest.mark.parametrize(
    ("xml", "entries"),
    [
        pytest.param(RSS + ONE + TAIL, (ONE,), id="one entry"),
        pytest.param(RSS + ONE + TWO + TAIL, (ONE, TWO), id="side by side"),
        pytest.param(f"{RSS}\n {ONE}\n {TWO}\n{TAIL}", (f"{ONE}\n ", TWO), id="white space between"),
        pytest.param(f"{ATOM}<entry><id>1</id></entry></feed>", ("<entry><id>1</id></entry>",), id="Atom"),
        pytest.param(f'{RSS}<item rdf:about="x">a</item >{TAIL}', ('<item rdf:about="x">a</item >',), id="attributes"),
        pytest.param(
            f"{RSS}<item><![CDATA[</item><item>]]></item>{TAIL}", ("<item><![CDATA[</item><item>]]></item>",),
            id="tags in a section of text",
        ),
        pytest.param(f"{RSS}<item><items/></item>{TAIL}", ("<item><items/></item>",), id="a name that only begins so"),
        pytest.param(f"<rdf:RDF><channel/>{ONE}{TWO}</rdf:RDF>", (ONE, TWO), id="RDF, after the channel"),
    ],
)  # fmt: skip
def test_a_plain_document_is_cut_and_its_parts_are_the_document(xml: str, entries: tuple[str, ...]) -> None:
    parts = cut(xml)
    assert parts
    assert parts.entries == entries
    assert "".join((parts.head, *parts.entries, parts.tail)) == xml
    assert parts.only(range(len(entries))) == xml
    assert parts.only(()) == parts.head + parts.tail


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param("", id="empty"),
        pytest.param(RSS + TAIL, id="no entries"),
        pytest.param(f"{RSS}{ONE}<ttl>60</ttl>{TWO}{TAIL}", id="something of the feed's between entries"),
        pytest.param(f"{RSS}{ONE}stray{TWO}{TAIL}", id="text between entries"),
        pytest.param(f"{RSS}{ONE}<language>cy</language>{TAIL}", id="something of the feed's after them"),
        pytest.param(f"{RSS}{ONE}{TAIL}stray", id="text at the end"),
        pytest.param(f"{RSS}<item>{ONE}</item>{TAIL}", id="nested"),
        pytest.param(f"{RSS}<item><entry/></item>{TAIL}", id="nested, of the other sort"),
        pytest.param(f"{RSS}{ONE}<entry><title>E</title></entry>{TAIL}", id="of two sorts"),
        pytest.param(f"{RSS}<item><title>One</title>{TAIL}", id="not closed"),
        pytest.param(f"{RSS}{ONE}</item>{TAIL}", id="not opened"),
        pytest.param(f"{RSS}<r:item><title>One</title></r:item>{TAIL}", id="prefixed"),
        pytest.param(f"{RSS}{ONE}<r:item/>{TAIL}", id="one of them prefixed"),
        pytest.param(f"{RSS}<item>1</r:item><r:item>2</item>{TAIL}", id="closed by a prefixed one"),
        pytest.param(f"{RSS}<item/>{TAIL}", id="empty entry in one tag"),
        pytest.param(f"{RSS}<item><![CDATA[ one </item>{TAIL}", id="a section of text that never ends"),
        pytest.param(RSS + LONG_ITEM + TAIL, id="very long"),
    ],
)
def test_a_document_in_doubt_is_left_whole(xml: str) -> None:
    assert cut(xml) is None


@pytest.mark.parametrize(
    ("inside", "is_so"),
    [
        pytest.param("<title>One</title><link>/1</link>", True, id="texts"),
        pytest.param("", True, id="nothing"),
        pytest.param("<description>&lt;p&gt;One&lt;/p&gt;</description>", True, id="escaped markup"),
        pytest.param("<description><![CDATA[<div>One</p>]]></description>", True, id="markup in a section of text"),
        pytest.param("<author><name>Jo</name></author>", True, id="inside an author"),
        pytest.param("<media:group><media:title>M</media:title></media:group>", True, id="inside a group"),
        pytest.param('<enclosure url="/e" type="audio/mpeg"/>', True, id="closed in one tag"),
        pytest.param('<link title="a > b" href="/1"/>', True, id="a bracket in an attribute"),
        pytest.param("<content><p>One</p></content>", False, id="markup inside a text"),
        pytest.param("<source><title>S</title></source>", False, id="elements inside a source"),
        pytest.param("<div>One</div>", False, id="a page's element"),
        pytest.param("<image/>", False, id="an image"),
        pytest.param("<itunes:image href='/i'/>", False, id="an image by any prefix"),
        pytest.param("<FEED>x</FEED>", False, id="a feed in any letters"),
        pytest.param('<title xml:base="/x/">One</title>', False, id="a base of its own"),
        pytest.param('<title lang="cy">One</title>', False, id="a language of its own"),
        pytest.param('<x:y xmlns:x="urn:x">z</x:y>', False, id="a prefix of its own"),
        pytest.param("</title>", False, id="closes what it did not open"),
        pytest.param("<title>One", False, id="closes another than it opened"),
        pytest.param("<title><![CDATA[One", False, id="a section of text that never ends"),
    ],
)
def test_whether_an_entry_is_plain(inside: str, is_so: bool) -> None:
    assert is_plain(f"<item>{inside}</item>") is is_so


def test_only_the_entries_asked_for_stay() -> None:
    parts = cut(RSS + ONE + "\n" + TWO + TAIL)
    assert parts
    assert parts.digests() == (digest(ONE), digest(TWO))
    assert parts.only((1,)) == RSS + TWO + TAIL
    assert parts.only((0,)) == RSS + ONE + "\n" + TAIL


def framed(head: str, *context: str, tail: str = TAIL) -> bytes:
    parts = cut(head + ONE + tail)
    assert parts
    return parts.frame(*context)


@pytest.mark.parametrize("date", ["pubDate", "lastBuildDate", "updated", "modified", "dc:date"])
def test_a_date_of_the_feed_does_not_change_its_frame(date: str) -> None:
    assert framed(f"{RSS}<{date}>Monday</{date}>") == framed(f"{RSS}<{date}>Tuesday</{date}>")
    assert framed(f"{RSS}<{date}>Monday</{date}>") != framed(RSS)
    assert framed(f"{RSS}<{date}>Monday</{date}>") != framed(f"{RSS}<{date}><b>Monday</b></{date}>")


def test_anything_else_does() -> None:
    frames = [
        framed(RSS),
        framed(RSS.replace("B", "C")),
        framed(f"{RSS} "),
        framed(f'<rss version="2.0" xml:base="/x/">{RSS[19:]}'),
        framed(RSS, tail=f"{TAIL}\n"),
        framed(RSS, "context"),
        framed(RSS, "con", "text"),
    ]
    assert len(set(frames)) == len(frames)
