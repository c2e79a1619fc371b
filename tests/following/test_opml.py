"""Reading OPML, saying what is wrong with it, and adding to it without touching the rest."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import BadListing
from aggregator.feeds import opml
from aggregator.feeds.outlines import MAX_BYTES, NAMESPACE
from aggregator.model import Listing

KEPT = """<?xml version="1.0" encoding="UTF-8"?>
<!-- ours, by hand -->
<opml version="2.0" xmlns:five="urn:five-for-friday:opml" xmlns:x="urn:other">
\t<head><title>Blogs</title></head>
\t<body>
\t\t<outline text="Councils"> <!-- sorted -->
\t\t\t<outline x:colour='green "ish"' text="Barset > Town" xmlUrl="https://barset.example/feed"
\t\t\t         htmlUrl="https://barset.example/"   five:region="England SW" five:confidence="guess" />
\t\t\t<!-- Mercia has no feed -->
\t\t\t<outline text="Mercia" htmlUrl="https://mercia.example/"></outline> <!-- asked in May -->
\t\t\t<outline text="Wessex" title="Wessex Digital" type="rss" xmlUrl=" https://wessex.example/feed?a=1&amp;b=2 "/>
\t\t</outline>
\t\t<outline text="Suppliers"/>
\t\t<outline text="Unsorted">
\t\t\t<outline text="Z" xmlUrl="https://z.example/feed"/>
\t\t\t<outline text="A" xmlUrl="https://a.example/feed"/>
\t\t</outline>
\t</body>
</opml>
"""


def a_listing(**given: Any) -> Listing:
    good = Listing(
        title="Loam & Sons",
        xml_url="https://loam.example/feed?x=1&y=2",
        html_url="https://loam.example/",
        kind="",
        region="Wales",
        confidence="guess",
    )
    return replace(good, **given)


def in_opml(outlines: str) -> str:
    return f'<opml version="2.0" xmlns:five="{NAMESPACE}">\n<body>\n{outlines}\n</body>\n</opml>\n'


def test_a_listing_has_its_group_its_place_and_what_we_added() -> None:
    barset, mercia, wessex, suppliers, *_ = opml.read(KEPT)
    assert barset == Listing(
        title="Barset > Town",
        xml_url="https://barset.example/feed",
        html_url="https://barset.example/",
        kind="Councils",
        region="England SW",
        confidence="guess",
        line=7,
    )
    assert (mercia.xml_url, mercia.html_url, mercia.line) == (None, "https://mercia.example/", 10)
    assert (wessex.title, wessex.xml_url) == ("Wessex Digital", "https://wessex.example/feed?a=1&b=2")
    assert (suppliers.title, suppliers.kind) == ("Suppliers", "")


@pytest.mark.parametrize(
    ("outlines", "expected"),
    [
        ('<outline text="A" xmlURL="https://a.example/f"/>', [("A", "https://a.example/f", "")]),
        ('<outline text="A" type="rss"/>', [("A", "", "")]),
        ('<outline text="G"><outline text="H"><outline text="A" xmlUrl="u"/></outline></outline>', [("A", "u", "G")]),
        ('<outline text="A" xmlUrl="u"><outline text="B" xmlUrl="v"/></outline>', [("A", "u", ""), ("B", "v", "A")]),
        ('<outline text="A" isComment="true"><outline text="B" xmlUrl="v"/></outline>', []),
        ('<outline text=" A&#x202e;\u200b  b\n c\x9b "/>', [("A b c", None, "")]),
        ('<x:other><outline text="A" xmlUrl="u"/></x:other>', []),
        ("", []),
    ],
)
def test_what_counts_as_a_listing(outlines: str, expected: list[tuple[str, str | None, str]]) -> None:
    assert [(found.title, found.xml_url, found.kind) for found in opml.read(in_opml(outlines))] == expected


def test_our_attributes_go_by_namespace_and_not_by_prefix() -> None:
    text = in_opml('<outline text="A" xmlUrl="u" f:region="Wales" five:region="no"/>')
    other = text.replace("xmlns:five=", 'xmlns:five="urn:x" xmlns:f=')
    assert [found.region for found in opml.read(other)] == ["Wales"]


@pytest.mark.parametrize(
    ("hostile", "line", "says"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf \n", 1, "empty"),
        (b"just text", 1, "well-formed"),
        (b"<opml>\n<body>\n</opml>", 3, "mismatched tag"),
        (b'<opml><body>\n<outline text="a & b"/></body></opml>', 2, "well-formed"),
        (b'<opml><body><outline text="&nbsp;"/></body></opml>', 1, "undefined entity"),
        (b"<opml><head/></opml>", 1, "no <body>"),
        (b"<!-- -->\n<html><body/></html>", 2, "<html>"),
        (b"<rss><channel/></rss>", 1, "<rss>"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE opml [<!ENTITY a "b">]>\n<opml><body/></opml>', 2, "document type"),
        (b'<!DOCTYPE opml SYSTEM "file:///etc/passwd">\n<opml><body/></opml>', 1, "document type"),
        (b"<opml><body/>\n\xff</opml>", 2, "UTF-8"),
        ("<opml><body/></opml>".encode("utf-16"), 1, "UTF-8"),
        ("<opml><body/></opml>".encode("utf-16-le"), 1, "UTF-8"),
        (b"<opml><body>" + b"<outline>" * 200_000, 1, "deep"),
        (b"<opml>" * 200_000, 1, "deep"),
        (b"<opml><body>" + b" " * MAX_BYTES, 0, "5 MB"),
    ],
)
def test_what_is_no_opml_is_refused_with_its_line(hostile: bytes, line: int, says: str) -> None:
    with pytest.raises(BadListing) as refused:
        opml.read(hostile)
    assert says in refused.value.what
    assert refused.value.line == line
    assert refused.value.hint


def test_a_lone_surrogate_is_refused_like_any_other_damage() -> None:
    with pytest.raises(BadListing, match="UTF-8"):
        opml.read("<opml><body>\ud800</body></opml>")


@pytest.mark.parametrize(
    ("outline", "says"),
    [
        ('<outline text="A" xmlUrl="file:///etc/passwd"/>', "no http or https"),
        ('<outline text="A" xmlUrl="https://me:secret@a.example/feed"/>', "no http or https"),
        ('<outline text="A" xmlUrl="https://a.example/feed" htmlUrl="javascript:alert(1)"/>', "htmlUrl"),
        ('<outline text="A" xmlUrl="feed"/>', "no http or https"),
        ('<outline xmlUrl="https://a.example/feed"/>', "no title"),
        ('<outline text="A" type="rss" htmlUrl="https://a.example/"/>', "no xmlUrl"),
        ('<outline text="A" xmlUrl="" htmlUrl="https://a.example/"/>', "no xmlUrl"),
        ('<outline text="A"/>', "neither"),
    ],
)
def test_a_problem_has_its_line_and_what_to_do(outline: str, says: str) -> None:
    (problem,) = opml.problems(opml.read(in_opml(f"<!-- -->\n{outline}")))
    assert says in problem.message
    assert problem.line == 4
    assert problem.advice
    assert problem.refuses is (says != "neither")  # which is often a group that has become empty


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="A" htmlUrl="https://a.example/"/>',
        '<outline text="A" five:confidence="not found"/>',
        '<outline text="A" xmlUrl="http://a.example/feed"/>',
        '<outline text="G"><outline text="A" xmlUrl="https://a.example/feed"/></outline>',
    ],
)
def test_a_good_outline_has_no_problem(outline: str) -> None:
    assert opml.problems(opml.read(in_opml(outline))) == ()


def test_the_second_listing_of_a_feed_is_a_problem_that_refuses_nothing() -> None:
    twice = (
        '<outline text="A" xmlUrl="http://www.a.example/feed/"/>\n<outline text="B" xmlUrl="https://A.example/feed"/>'
    )
    (problem,) = opml.problems(opml.read(in_opml(twice)))
    assert problem.line == 4
    assert "line 3" in problem.message
    assert not problem.refuses


# ---------------------------------------------------------------------------------------------------- inserting


def added_lines(before: str, after: str) -> list[tuple[int, str]]:
    """The lines of `after` that `before` has not, with their numbers; everything else must be there, in order."""
    old = before.splitlines(keepends=True)
    added = []
    for number, line in enumerate(after.splitlines(keepends=True), start=1):
        if old and line == old[0]:
            old.pop(0)
        else:
            added.append((number, line))
    assert not old
    return added


OUTLINE = (
    '<outline text="Loam &amp; Sons" title="Loam &amp; Sons" type="rss" xmlUrl="https://loam.example/feed?x=1&amp;y=2"'
    ' htmlUrl="https://loam.example/" five:region="Wales" five:confidence="guess"/>'
)


@pytest.mark.parametrize(
    ("title", "kind", "line"),
    [
        ("Loam & Sons", "Councils", 9),  # before the comment that speaks of Mercia, and Mercia
        ("Aachen", "Councils", 7),  # first of all, after the group's own comment
        ("Norfolk", "councils", 11),  # after Mercia and the comment behind it
        ("Zennor", "Councils", 12),
        ("Loam & Sons", "Unsorted", 17),
        ("Loam & Sons", "", 13),  # between Councils and Suppliers
    ],
)
def test_a_new_outline_takes_its_place_and_nothing_else_changes(title: str, kind: str, line: int) -> None:
    after = opml.insert(KEPT, a_listing(title=title), kind)
    ((number, added),) = added_lines(KEPT, after)
    assert added.strip() == OUTLINE.replace("Loam &amp; Sons", title.replace("&", "&amp;"))
    assert number == line
    assert added.startswith("\t\t\t<" if kind else "\t\t<")


def test_a_group_that_is_not_there_is_made_at_the_end() -> None:
    after = opml.insert(KEPT, a_listing(), "Press")
    added = [line for _, line in added_lines(KEPT, after)]
    assert added == ['\t\t<outline text="Press" title="Press">\n', f"\t\t\t{OUTLINE}\n", "\t\t</outline>\n"]
    assert opml.read(after)[-1] == a_listing(kind="Press", line=19)


def test_a_group_that_closes_itself_is_opened() -> None:
    after = opml.insert(KEPT, a_listing(), "Suppliers")
    opened = f'\t\t<outline text="Suppliers">\n\t\t\t{OUTLINE}\n\t\t</outline>\n'
    assert after == KEPT.replace('\t\t<outline text="Suppliers"/>\n', opened)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<opml><body/></opml>", "<opml><body>NEW</body></opml>"),
        ("<opml><body></body></opml>", "<opml><body>NEW</body></opml>"),
        ("<opml>\r\n <body />\r\n</opml>\r\n", "<opml>\r\n <body>\r\n   NEW\r\n </body>\r\n</opml>\r\n"),
        ("<opml>\n<body></body>\n</opml>", "<opml>\n<body>\n  NEW\n</body>\n</opml>"),
        ("<opml>\n<body>\n</body>\n</opml>", "<opml>\n<body>\n  NEW\n</body>\n</opml>"),
        ('<opml><body><outline text="A"/></body></opml>', '<opml><body><outline text="A"/>NEW</body></opml>'),
        ("\ufeff<opml><body/></opml>", "\ufeff<opml><body>NEW</body></opml>"),
        ("<OPML><BODY/></OPML>", "<OPML><BODY>NEW</BODY></OPML>"),
    ],
)
def test_every_layout_is_kept(before: str, after: str) -> None:
    outline = OUTLINE.replace(" five:region", f' xmlns:five="{NAMESPACE}" five:region')
    assert opml.insert(before, a_listing(), "") == after.replace("NEW", outline)


def test_the_namespace_is_declared_where_the_document_does_not() -> None:
    once = opml.insert("<opml><body/></opml>", a_listing(), "Press")
    twice = opml.insert(once, a_listing(title="M", xml_url="https://m.example/feed"), "Press")
    regions = [node.get(f"{{{NAMESPACE}}}region") for node in ElementTree.fromstring(twice).iter("outline")]
    assert regions == [None, "Wales", "Wales"]


titles = st.text(min_size=1).filter(lambda text: opml.read(opml.write([a_listing(title=text)], title="t"))[0].title)
spaces = st.sampled_from(
    ["", "\n", "\r\n", "\n  ", "\r\n\t", " <!-- <outline text='no'/> > -->", "\n  <!-- a\nb -->\n\t"]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """OPML with groups, comments and white space anywhere."""
    groups = draw(
        st.lists(st.tuples(st.sampled_from("ABC"), st.lists(st.sampled_from("abcd"), max_size=3)), max_size=3)
    )
    parts = ["<opml>", draw(spaces), "<body>", draw(spaces)]
    for group, members in groups:
        parts += [f'<outline text="{group}">', draw(spaces)]
        for member in members:
            blog = f'<outline  y="&gt;\'>" text="{member}" xmlUrl="https://{member}.example/{len(parts)}"'
            parts += [blog, draw(st.sampled_from(["/>", " />", "></outline>", ">\n</outline>"])), draw(spaces)]
        parts += ["</outline>", draw(spaces)]
    return "".join([*parts, "</body>", draw(spaces), "</opml>"])


@given(documents(), st.sampled_from(["A", "B", "New", ""]), titles)
def test_inserting_adds_one_listing_and_takes_nothing_away(text: str, kind: str, title: str) -> None:
    after = opml.insert(text, a_listing(title=title), kind)
    assert any(after.startswith(text[:at]) and after.endswith(text[at:]) for at in range(len(text) + 1))
    before = [replace(found, line=0) for found in opml.read(text) if found.xml_url]
    now = [replace(found, line=0) for found in opml.read(after) if found.xml_url]
    new = next(found for found in now if found.xml_url == a_listing().xml_url)
    assert new.kind == kind
    assert new.region == "Wales"
    assert [found for found in now if found != new] == before


def test_what_is_written_is_read_back() -> None:
    listings = [
        a_listing(kind="Councils"),
        a_listing(title='"Ŵ" <b>', xml_url=None, kind="Councils"),
        a_listing(title="M\x00\ufffe", xml_url="https://m.example/f", html_url=None, kind="", region="", confidence=""),
    ]
    found = opml.read(opml.write(listings, title="What we <follow>"))
    assert [replace(one, line=0) for one in found] == [*listings[:2], replace(listings[2], title="M")]
