"""Every page there is, the desk's included, of a site whose every text is a payload: nothing but words may come out.

The pages are found from the route table and by their links, on a site that says harmless words. Then a site that says
payloads in the same places is asked for the same pages: whatever these hold beyond that is a failure, active or not.
A page that is made tomorrow is looked at, too. (`test_xss` opens them in a browser.)
"""

from collections.abc import Callable

from tests.hostile.pages import SUM, Met, holdings, parts

Record = Callable[[str, object], None]


def test_every_page_shows_payloads_as_words(met: Met, record_property: Record) -> None:
    for path, (before, after) in met.pages.items():
        assert after.status_code == before.status_code < 500, path
        assert after.headers.get("content-type") == before.headers.get("content-type"), path
        assert parts(after) <= parts(before), path
        assert "50337" not in after.text, path
        record_property("hostile", "pages of payloads")
    for path in ("/", "/digests", "/digests/2026-11-13", "/bookmarks", "/blogs", "/health"):
        assert "&lt;script" in met.pages[path][1].text, path
        assert SUM in met.pages[path][1].text, path
    for path in ("/feed.atom", "/bookmarks.rss", "/blogs.opml"):
        assert "&lt;script" in met.pages[path][1].text, path
    for path in ("/desk", "/desk/people", "/account", "/subscribe", "/suggest"):
        assert met.pages[path][1].status_code == 200, path


def test_every_file_of_a_static_site_does_too(met: Met, record_property: Record) -> None:
    pages = [name for name in met.files if name.endswith(".html")]
    assert any(b"&lt;script" in met.files[name][1] for name in pages)
    for name in pages:
        before, after = met.files[name]
        assert holdings(after.decode()) <= holdings(before.decode()), name
        record_property("hostile", "files of payloads")


def test_what_is_typed_comes_back_as_words(met: Met, record_property: Record) -> None:
    for action, (before, after) in met.forms.items():
        assert before.status_code == after.status_code < 500, action
        assert parts(after) <= parts(before), action
        assert "50337" not in after.text, action
        record_property("hostile", "forms full of payloads")
    for action in ("/subscribe", "/suggest", "/desk/people"):
        assert "&lt;script" in met.forms[action][1].text, action
