"""Two addresses of one page have one key; two pages have two."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.canonical import canonical_url, without_tracking

PAGE = "https://example.org/2026/11/a-post"

SAME_PAGE = [
    "https://example.org/2026/11/a-post/",
    "https://example.org/2026/11/a-post//",
    "  https://example.org/2026/11/a-post\n",
    "HTTPS://Example.ORG/2026/11/a-post",
    "https://www.example.org/2026/11/a-post",
    "https://WWW.example.org:443/2026/11/a-post",
    "https://example.org./2026/11/a-post",
    "https://example.org/2026/11/a-post#comments",
    "https://example.org/2026/11/a-post?",
    "https://example.org/2026/11/./x/../a-post",
    "https://example.org/2026/11/a%2Dpost",
    "https://example.org/2026/11/a-post?utm_source=rss&utm_medium=rss&utm_campaign=a-post",
    "https://example.org/2026/11/a-post?UTM_Source=x",
    "https://example.org/2026/11/a-post?utm%5Fsource=x",
    "https://example.org/2026/11/a-post?fbclid=abc",
    "https://example.org/2026/11/a-post?gclid=abc&msclkid=def",
    "https://example.org/2026/11/a-post?mc_cid=1&mc_eid=2",
    "https://example.org/2026/11/a-post?share=twitter",
    "https://example.org/2026/11/a-post/?replytocom=12#respond",
    "https://example.org/2026/11/a-post?source=rss----5e6c15c5ee94---4",
    "https://example.org/2026/11/a-post?&&",
]


@pytest.mark.parametrize("url", SAME_PAGE)
def test_spellings_of_one_page_have_one_key(url: str) -> None:
    assert canonical_url(url) == PAGE


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://www.example.org/?p=12&utm_source=x", "https://example.org/?p=12"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("https://example.org/A", "https://example.org/A"),
        ("https://medium.com/@jo/a-post-1a2b?source=rss-x------2", "https://medium.com/@jo/a-post-1a2b"),
        ("https://team.medium.com/a-post?source=collection_home&sk=1", "https://team.medium.com/a-post"),
        ("https://example.org/report?source=census", "https://example.org/report?source=census"),
        ("https://www.youtube.com/watch?v=abc&feature=youtu.be&si=1", "https://youtube.com/watch?v=abc"),
        ("https://example.org/?feature=1", "https://example.org/?feature=1"),
        ("https://newsletter.substack.com/p/a?r=abc&triedRedirect=true", "https://newsletter.substack.com/p/a"),
        ("https://notmedium.com/a?source=b", "https://notmedium.com/a?source=b"),
        ("https://www.uk/a", "https://www.uk/a"),
        ("https://example.org/caf\u00e9", "https://example.org/caf%C3%A9"),
        ("https://b\u00fccher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://[2001:DB8::0:1]/a/", "https://[2001:db8::1]/a"),
        ("https://[broken/a", "https://[broken/a"),
        ("", ""),
    ],
)
def test_keys(url: str, key: str) -> None:
    assert canonical_url(url) == key


def test_http_and_https_stay_apart() -> None:
    assert canonical_url("http://example.org/a") != canonical_url("https://example.org/a")


NAMES = st.sampled_from(["www.", "WWW.", "www.www.", "", "m."])
HOSTS = st.sampled_from(["example.org", "Example.ORG.", "medium.com", "[::1]", "b\u00fccher.example", "com"])
PATHS = st.text(st.sampled_from("ab/.%2FeE ~;:@+\u00e9\\"), max_size=12)
QUERIES = st.lists(
    st.sampled_from(["utm_source=a", "p=1", "a", "a=", "=", "source=rss-1", "b=%26", "%75tm_x=1", "c=d+e", "fbclid"])
).map("&".join)


@given(
    st.tuples(st.sampled_from(["http://", "HTTPS://"]), NAMES, HOSTS, st.sampled_from(["", ":80", ":443"])),
    PATHS,
    QUERIES,
)
def test_a_key_is_its_own_key(site: tuple[str, ...], path: str, query: str) -> None:
    key = canonical_url(f"{''.join(site)}/{path}?{query}")
    assert canonical_url(key) == key


@given(st.text())
@example("https://\u2100")
@example("http://a:b:c/")
@example("//\x00")
def test_anything_has_a_key(text: str) -> None:
    assert isinstance(canonical_url(text), str)


@given(st.text())
def test_without_tracking_takes_anything(text: str) -> None:
    assert without_tracking(without_tracking(text)) == without_tracking(text)


def test_without_tracking_leaves_the_rest_as_it_was() -> None:
    assert without_tracking("https://www.Example.org/A/?b=2&utm_source=x&a=1#part") == (
        "https://www.Example.org/A/?b=2&a=1#part"
    )
    assert without_tracking("https://Example.org/A/?b=%7e&a#") == "https://Example.org/A/?b=%7e&a#"
