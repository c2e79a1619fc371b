"""What is mended, what is cut, and what no parser should be given."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.poll.tidy import MAX_ENTRIES, NotReadable, Tidied, tidy


# XML 1.0, section 2.2: the characters at both ends of what it leaves out, and of what it does not.
@pytest.mark.parametrize(
    "codes", [range(0x100), range(0xD7F0, 0xE010), range(0xFF00, 0x10010), range(0x10FFF0, 0x110000)]
)
def test_each_character_that_xml_has_not_is_left_out(codes: range) -> None:
    def is_one(code: int) -> bool:
        return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000

    for code in codes:
        if chr(code) not in "<&":
            assert tidy(f"<rss>a{chr(code)}é</rss>").xml == f"<rss>a{chr(code) if is_one(code) else ''}é</rss>", hex(
                code
            )


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("<rss/>", "<rss/>"),
        ("junk <?xml version='1.0'?>\n\n<!-- a <b> --><rss></rss>", "<rss></rss>"),
        ("<!DOCTYPE rss SYSTEM 'x.dtd'><rss/>", "<rss/>"),
        ('<!doctype rss [<!ENTITY a "b>c"> <!ELEMENT x ANY>]><rss/>', "<rss/>"),
        ("</x><rss/>", "<rss/>"),
        ("<rss>a\0\x0bb\x1fc\td\r\n\x7f</rss>", "<rss>abc\td\r\n\x7f</rss>"),
        ("<rss>\ufffea\ud800\xa0b</rss>", "<rss>a\xa0b</rss>"),
        ("<rss></rss>junk<more/>", "<rss></rss>"),
        ("<rss><!-- a --><?php x ?>b</rss>", "<rss>b</rss>"),
        ("<rss>a & b &nbsp;&copy; &lt;&#60;&LT; &foo; &#0;&#x1F;&#X41;&#65;</rss>",
         "<rss>a &amp; b \xa0© &lt;&#60;&lt; &amp;foo; &#x41;&#65;</rss>"),
        ("<rss a='x>y' b=\"'&\"/>", "<rss a='x>y' b=\"'&amp;\"/>"),
        ("<rss><![CDATA[<b>a & b</rss><!-- x -->]]></rss>", "<rss><![CDATA[<b>a & b</rss><!-- x -->]]></rss>"),
    ],
)  # fmt: skip
def test_mended(text: str, xml: str) -> None:
    assert tidy(text) == Tidied(xml=xml, root="rss", damaged=False, has_entries=False)
    ET.fromstring(xml)


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("<rss><channel><item>1</item><item>2", "<rss><channel><item>1</item></channel></rss>"),
        ("<feed><entry/><entry><content><![CDATA[half", "<feed><entry/></feed>"),
        ("<r:RDF><channel/><item>1</item>", "<r:RDF><channel/><item>1</item></r:RDF>"),
        ("<rss><item><p>1</item><item>2</item>", "<rss><item><p>1</item><item>2</item></rss>"),
        ("<rss><item>1</item><!-- half", "<rss><item>1</item></rss>"),
    ],
)
def test_a_document_cut_short_ends_after_its_last_whole_entry(text: str, xml: str) -> None:
    found = tidy(text)
    assert (found.xml, found.damaged, found.has_entries) == (xml, True, True)


def test_what_ends_before_an_entry_does_says_so() -> None:
    found = tidy("<html><body><p>never closed")
    assert (found.root, found.damaged, found.has_entries) == ("html", True, False)


@pytest.mark.parametrize("item", ["<item>x</item>", "<item/>", "<entry a='/'></entry>"])
def test_no_more_entries_are_left_than_are_read(item: str) -> None:
    found = tidy(f"<rss><channel>{item * (MAX_ENTRIES + 100)}</channel></rss>")
    assert found.xml == f"<rss><channel>{item * MAX_ENTRIES}</channel></rss>"
    assert not found.damaged


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no XML"),
        ("a < b", "no XML"),
        ("<!-- <rss/>", "no XML"),
        ("</rss>", "no XML"),
        ("<a>" * 201, "nested more than 200 deep"),
        ("<rss>" + "<a/>" * 200_000, "far more elements"),
        ("<rss " + " ".join(f"a{n}='b'" for n in range(201)) + "/>", "far more elements or attributes"),
        ("<rss a='" + "b" * 65_600 + "'/>", "far more elements or attributes"),
    ],
)
def test_what_no_parser_should_be_given(text: str, why: str) -> None:
    with pytest.raises(NotReadable, match=why):
        tidy(text)


def test_what_a_parser_may_be_given() -> None:
    assert not tidy("<a>" * 200 + "</a>" * 200).damaged
    assert not tidy("<rss>" + "<a/>" * 190_000 + "</rss>").damaged


PIECES = ["<rss>", "</rss>", "<item>", "</item>", "<a b='c'>", "</a>", "<x/>", "<![CDATA[", "]]>", "<!--", "-->", "<?",
          "?>", "<!DOCTYPE", "[", "]>", "&", "&amp;", "&nbsp;", "&#", "x", "<", ">", "'", '"', " ", "\0"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text())
def test_it_ends_and_is_done_once(text: str) -> None:
    try:
        found = tidy(text)
    except NotReadable:
        return
    assert found.xml.startswith("<")
    if not found.damaged:
        assert tidy(found.xml).xml == found.xml
