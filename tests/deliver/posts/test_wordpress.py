"""WordPress: a digest is made once, found again by its slug, and what is not ours is left alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from aggregator.deliver.posts.places import Next, PostFailed
from aggregator.deliver.posts.wordpress import WordPress, mark
from tests.deliver.posts.blog import PASSWORD, USER, Asked, HangUp, Loopback, Says, WordPressSite
from tests.deliver.posts.setting import NOON, an_article, settings
from tests.outbounds import an_outbound


@pytest.fixture
def site() -> Iterator[WordPressSite]:
    with WordPressSite() as site:
        yield site


async def put(url: str, *, status: str = "publish", password: str = PASSWORD, **given: Any) -> str:
    chosen = settings(wordpress_url=url, wordpress_user=USER, wordpress_password=password, wordpress_status=status)
    async with an_outbound() as outbound:
        return await WordPress(chosen, outbound, lambda: NOON).put(an_article(**given))


async def failure(url: str, **given: Any) -> PostFailed:
    with pytest.raises(PostFailed) as failed:
        await put(url, **given)
    return failed.value


async def test_a_digest_is_published_under_its_slug(site: WordPressSite) -> None:
    assert await put(site.url) == f"{site.url}/2026-11-20/"
    (post,) = site.posts.values()
    assert post == {
        "title": "Five for Friday (20/11/2026)",
        "content": "<!-- wp:html -->\n<p>Hello</p>\n<!-- five-for-friday: 2026-11-20 -->\n<!-- /wp:html -->",
        "status": "publish",
        "slug": "2026-11-20",
    }


async def test_a_draft_waits_for_somebody_there(site: WordPressSite) -> None:
    assert await put(site.url, status="draft") == f"{site.url}/?p=101"
    assert site.posts[101]["status"] == "draft"


@pytest.mark.parametrize("lost", range(1, 4))
@pytest.mark.parametrize("is_done", [True, False])
async def test_a_lost_answer_makes_no_second_post(site: WordPressSite, lost: int, is_done: bool) -> None:
    def hang_up(_: Asked) -> None:
        if len(site.asked) == lost:
            raise HangUp

    if is_done:
        site.after = hang_up
    else:
        site.before = lambda _: Says(status=502) if len(site.asked) == lost else None
    assert (await failure(site.url)).then is Next.LATER
    assert await put(site.url) == f"{site.url}/2026-11-20/"
    assert [(post["slug"], post["status"]) for post in site.posts.values()] == [("2026-11-20", "publish")]


async def test_a_correction_changes_the_post_that_is_there(site: WordPressSite) -> None:
    stands_at = await put(site.url)
    again = await put(site.url, stands_at=stands_at, title="Put right", html="<p>Right</p>")
    assert again == stands_at
    (post,) = site.posts.values()
    assert post["title"] == "Put right"
    assert f"\n<p>Right</p>\n{mark('2026-11-20')}\n" in post["content"]


async def test_strangers_words_are_text_to_wordpress(site: WordPressSite) -> None:
    await put(site.url, title='LINK: "<script>alert(1)</script> & more"', html="<p>[gallery ids=1] [x]</p>")
    assert site.posts[101]["title"] == 'LINK: "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"'
    assert "<p>&#91;gallery ids=1] &#91;x]</p>" in site.posts[101]["content"]


async def test_what_an_editor_there_decided_stays(site: WordPressSite) -> None:
    stands_at = await put(site.url, status="draft")
    site.posts[101]["status"] = "publish"
    await put(site.url, status="draft", stands_at=stands_at, title="Put right")
    assert (site.posts[101]["title"], site.posts[101]["status"]) == ("Put right", "publish")
    site.posts[101]["status"] = "draft"
    await put(site.url, stands_at=stands_at, title="Put right twice")
    assert (site.posts[101]["title"], site.posts[101]["status"]) == ("Put right twice", "draft")


async def test_what_was_thrown_away_there_is_not_made_again_unasked(site: WordPressSite) -> None:
    stands_at = await put(site.url)
    site.posts[101] |= {"status": "trash", "slug": "2026-11-20__trashed"}
    assert "bin" in (await failure(site.url, stands_at=stands_at)).what
    site.posts.clear()
    failed = await failure(site.url, stands_at=stands_at)
    assert (failed.then, "five outbox post 2026-11-20 --to wordpress" in failed.hint) == (Next.PERSON, True)
    assert site.posts == {}
    await put(site.url)
    assert len(site.posts) == 1


async def test_a_post_that_is_not_ours_is_left_alone(site: WordPressSite) -> None:
    number = site.add(slug="2026-11-20", content="<p>A holiday</p>")
    before = dict(site.posts[number])
    failed = await failure(site.url)
    assert (failed.then, "something else" in failed.what) == (Next.PERSON, True)
    assert site.posts == {number: before}


async def test_a_name_that_a_picture_has_leaves_nothing_behind(site: WordPressSite) -> None:
    site.taken.add("2026-11-20")
    assert (await failure(site.url)).then is Next.PERSON
    assert (site.live(), len(site.posts)) == ([], 1)


@pytest.mark.parametrize(
    ("status", "headers", "then", "wait"),
    [
        (503, {"Retry-After": "120"}, Next.LATER, 120),
        (429, {}, Next.LATER, None),
        (500, {}, Next.LATER, None),
        (403, {}, Next.PERSON, None),
        (404, {}, Next.PERSON, None),
        (400, {}, Next.PERSON, None),
    ],
)
async def test_a_refusal_says_what_to_do(
    site: WordPressSite, status: int, headers: dict[str, str], then: Next, wait: int | None
) -> None:
    site.before = lambda _: Says(status=status, headers=headers)
    failed = await failure(site.url)
    assert (failed.then, failed.wait and failed.wait.total_seconds()) == (then, wait)
    assert str(status) in failed.what
    assert failed.hint


async def test_a_wrong_password_is_told(site: WordPressSite) -> None:
    failed = await failure(site.url, password="hunter2")
    assert (failed.then, "401" in failed.what, "application password" in failed.hint) == (Next.PERSON, True, True)
    assert "hunter2" not in failed.what + failed.hint


async def test_the_password_goes_to_no_other_host(site: WordPressSite) -> None:
    with Loopback(lambda _: Says()) as other:
        for status in (301, 307, 308):
            site.before = lambda _, status=status: Says(status=status, headers={"Location": other.url})  # type: ignore[misc]
            failed = await failure(site.url)
            assert (failed.then, "redirects" in failed.what) == (Next.PERSON, True)
        assert other.asked == []


@pytest.mark.parametrize("body", [b"<h1>Closed for maintenance</h1>", b"{}", b'[{"id": "x"}]', b"[\xff]", b"[" * 5000])
async def test_an_answer_of_something_else_is_survived(site: WordPressSite, body: bytes) -> None:
    site.before = lambda _: Says(body=body)
    assert (await failure(site.url)).then is Next.LATER
    assert site.posts == {}


async def test_a_link_that_is_none_is_not_kept(site: WordPressSite) -> None:
    site.before = lambda asked: (
        Says(status=201, body=b'{"id": 7, "slug": "2026-11-20", "status": "publish", "link": "javascript:alert(1)"}')
        if asked.method == "POST"
        else None
    )
    assert await put(site.url) == site.url


async def test_a_site_that_is_down_is_tried_later() -> None:
    with WordPressSite() as site:
        url = site.url
    assert (await failure(url)).then is Next.LATER


async def test_what_is_missing_in_the_settings_is_told(site: WordPressSite) -> None:
    async with an_outbound() as outbound:

        def problem(**given: Any) -> str | None:
            return WordPress(settings(wordpress_url=site.url, **given), outbound, lambda: NOON).problem()

        assert problem(wordpress_user=USER, wordpress_password=PASSWORD) is None
        assert "no password is set" in (problem(wordpress_user=USER) or "")
        assert "wordpress_user is not" in (problem(wordpress_password=PASSWORD) or "")
        assert "cannot be read" in (problem(wordpress_user=USER, wordpress_password_file="/nowhere") or "")
    failed = await failure(site.url, password="")
    assert (failed.then, site.asked) == (Next.PERSON, [])
