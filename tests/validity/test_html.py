"""The check of HTML finds what is broken, and nothing in what is whole."""

import pytest

from tests.validity.html import check

HEAD = '<meta charset="utf-8"><title>Title</title>'


def page(body: str, *, head: str = HEAD, html: str = '<html lang="en-GB">') -> str:
    return f"<!doctype html>\n{html}<head>{head}</head><body>{body}</body></html>"


WHOLE = """<h1>One</h1><p>Text &amp; <em>more</em>, &#8217;so&#8217;.<br>Line</p><h2 id="two">Two</h2>
<ul><li><a href="#two">There</a><ul><li>Deep</li></ul></li></ul><a href="/x?a=1&amp;b=2">
<img src="/x.png" alt="A cat"></a>
<dl><div><dt>Term</dt><dd>Meaning</dd></div></dl>
<table><caption>C</caption><thead><tr><th scope="col">H</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>
<form action="/go" method="post"><label for="name">Name</label><input id="name" name="name" aria-describedby="two">
<label>Yes <input type="checkbox"></label><button>Go</button></form>
<details><summary>More</summary><p>Text</p></details><svg viewBox="0 0 1 1"><path d="M0 0"/></svg>"""


def test_nothing_is_amiss_with_a_good_page() -> None:
    assert check(page(WHOLE)).problems == ()


BODIES = {
    "<div>": "</body> does not close <div>",
    "<p><em>a</p></em>": "does not close",
    "</div>": "</div> does not close",
    "<br></br>": "closes what has no end",
    "<div/>": "does not close itself",
    "<p>a < b</p>": "a stray <",
    "<p>a &nosuch; b</p>": "&nosuch; is no character",
    "<p>a &amp b</p>": "without its ;",
    '<a href="/?a=1&b=2">x</a>': "&b without its ;",
    '<p id="a" id="b">x</p>': "has id twice",
    "<?php x ?>": "does not belong in HTML",
    "<![CDATA[x]]>": "does not belong in HTML",
    "<p>a\x0bb</p>": "control character",
    '<p id="a">x</p><p id="a">y</p>': "the id 'a' twice",
    '<p id="a b">x</p>': "is no id",
    "<center>x</center>": "obsolete",
    "<x-y>x</x-y>": "unknown",
    "<p><div>x</div></p>": "does not belong in <p>",
    "<p><a href='/'><div>x</div></a></p>": "does not belong in <a>",
    "<li>x</li>": "does not belong in <body>",
    "<ul><p>x</p></ul>": "does not belong in <ul>",
    "<ul>x</ul>": "holds text of its own",
    "<table><td>x</td></table>": "does not belong in <table>",
    "<div><tr></tr></div>": "does not belong in <div>",
    "<button><p>x</p></button>": "does not belong in <button>",
    "<a href='/'>x <button>y</button></a>": "within <a>",
    "<a href='/'>x <span><a href='/'>y</a></span></a>": "within <a>",
    "<form><div><form></form></div></form>": "within <form>",
    "<fieldset><p>x</p><legend>y</legend></fieldset>": "does not come first",
    "<details><p>x</p></details>": "needs a summary",
    "<dl><dd>x</dd></dl>": "terms, then what they mean",
    '<p onclick="x()">y</p>': "onclick is no attribute",
    '<table align="left"><tr><th scope="row">x</th></tr></table>': "align is no attribute",
    '<p aria-labl="x">y</p>': "aria-labl is no attribute",
    '<div role="buton">y</div>': "'buton' is no role",
    '<span aria-label="x">y</span>': "no role to have one",
    '<p tabindex="3">y</p>': "changes the order",
    '<div aria-hidden="true"><a href="/">x</a></div>': "which can be reached",
    '<p aria-describedby="none">y</p>': "which is not there",
    '<p aria-describedby="">y</p>': "points at nothing",
    '<label for="a">x</label><p id="a">y</p>': "for points at <p>",
    '<input name="a">': "has no label",
    '<label for="a"></label><input id="a">': "has no label",
    "<button></button>": "has no name",
    '<a href="/"><img src="/x.png" alt=""></a>': "has no name",
    '<img src="/x.png">': "needs alt and src",
    '<label>x<input type="txt"></label>': "type 'txt'",
    '<label>x<input autocomplete="nme"></label>': "autocomplete",
    '<form action="">x</form>': "empty action",
    '<form method="put">x</form>': "no such method",
    '<a href="java script:x">x</a>': "is no address",
    '<a href="javascript:x">x</a>': "is no address",
    '<a href="https://">x</a>': "is no address",
    '<a href="/a%zz">x</a>': "is no address",
    '<p lang="english!">x</p>': "is no language",
    '<time datetime="20 Nov">x</time>': "is no time",
    "<iframe src='/'></iframe>": "needs a title",
    "<table><tr><th>x</th></tr></table>": "needs headings with a scope",
    '<table><tr><th scope="col">x</th></tr><tr><td>y</td><td>z</td></tr></table>': "its rows have [1, 2] cells",
    '<table role="presentation"><tr><th scope="row">x</th></tr></table>': "is for looks",
    "<h3>x</h3>": "skips a level",
    "<h1>x</h1>": "2 h1",
    "<h2></h2>": "is empty",
    "<main>x</main><main>y</main>": "two main",
    "<article><main>x</main></article>": "main within",
    "<title>x</title>": "does not belong in <body>",
}


@pytest.mark.parametrize("body", BODIES)
def test_what_is_broken_is_found(body: str) -> None:
    found = check(page(f"<h1>One</h1>\n{body}")).problems
    assert [said for said in found if BODIES[body] in said], found


PAGES = {
    "<p>x</p>": "it begins with",
    page("<h1>x</h1>").removesuffix("</body></html>"): "is never closed",
    page("<h1>x</h1>").replace("<!doctype html>", ""): "it begins with",
    f"<!doctype html>{page('<h1>x</h1>')}": "it begins with",
    "<!doctype html><html lang='en'><body></body></html>": "head and body",
    page("<h1>x</h1>", html="<html>"): "no language",
    page("<h1>x</h1>", head="<title>x</title>"): "its encoding",
    page("<h1>x</h1>", head='<meta charset="utf-8">'): "one title",
    page("<h1>x</h1>", head='<meta charset="utf-8"><title> </title>'): "one title",
    page("<h2>x</h2><h1>x</h1>"): "before the h1",
    page("<p>x</p>"): "0 h1",
    page("<h1>x</h1>", head=HEAD + '<meta name="robots" content="a"><meta name="robots" content="b">'): "robots twice",
    page("<h1>x</h1>", head=HEAD + '<link rel="canonical" href="/a"><link rel="canonical" href="/b">'): "two canonical",
    page("<h1>x</h1>", head=HEAD + '<meta name="viewport" content="user-scalable=no">'): "forbids to zoom",
}


@pytest.mark.parametrize("html", PAGES)
def test_a_page_that_is_none_is_found(html: str) -> None:
    found = check(html).problems
    assert [said for said in found if PAGES[html] in said], found


def test_what_mail_programs_need_is_allowed_in_mails_alone() -> None:
    mail = page(
        '<h1>x</h1><table role="presentation" width="600" border="0"><tr><td align="center">x</td></tr></table>'
    )
    assert check(mail, is_mail=True).problems == ()
    assert len(check(mail).problems) == 3


def test_a_part_needs_no_headline_and_may_point_beyond_itself() -> None:
    assert check('<p aria-describedby="elsewhere">x</p>', is_part=True).problems == ()
    assert check("<p>x", is_part=True).problems
