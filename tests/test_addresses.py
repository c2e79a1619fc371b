"""Which addresses we keep."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.addresses import MAX_LENGTH, safe_url


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://blog.example/post", "https://blog.example/post"),
        ("  https://blog.example/post\n", "https://blog.example/post"),
        ("HTTP://Blog.Example/Post", "http://Blog.Example/Post"),
        ("http://blog.example", "http://blog.example"),
        ("http://blog.example:8080/?a=b&c=d#e", "http://blog.example:8080/?a=b&c=d#e"),
        ("http://blog.example./", "http://blog.example./"),
        ("http://under_score.example/", "http://under_score.example/"),
        ("http://bücher.example/straße?q=é", "http://bücher.example/straße?q=é"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("http://blog.example/a@b:c", "http://blog.example/a@b:c"),
        ('https://blog.example/"><b>`', "https://blog.example/%22%3E%3Cb%3E%60"),
    ],
)
def test_good_addresses_are_kept(url: str, kept: str) -> None:
    assert safe_url(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "blog.example/post",
        "/post",
        "//blog.example/post",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "gopher://blog.example/",
        "ftp://blog.example/",
        "feed://blog.example/",
        "mailto:a@blog.example",
        "http:blog.example",
        "http:/blog.example",
        "http:///post",
        "http://",
        "http://user@blog.example/",
        "http://user:secret@blog.example/",
        "http://@blog.example/",
        "http://blog.example\\@evil.example/",
        "http:\\\\blog.example/",
        "http://blog.example/a\\b",
        "http://blog.example/a b",
        "http://blog.example/a\tb",
        "http://blog.example/a\nb",
        "http://blog.example/a\r\nHost: evil.example",
        "http://blog.example/\x00",
        "http://blog.example/\x7f",
        "http://blog.example/\u202egpj.exe",
        "http://blog.example/\u200b",
        "http://blog.example/\u00a0a",
        "http://blog.example/\ud800",
        "http://blog..example/",
        "http://.example/",
        "http://blog.example:0/",
        "http://blog.example:99999/",
        "http://blog.example:port/",
        "http://blog%2eexample/",
        "http://127%2e0.0.1/",
        "http://<b>.example/",
        "http://[::1/",
        "http://::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[blog.example]/",
        "http://" + "a" * 254 + "/",
        "http://blog.example/" + "a" * MAX_LENGTH,
    ],
)
def test_addresses_that_no_browser_should_open_are_dropped(url: str) -> None:
    assert safe_url(url) is None


@given(st.text(max_size=60) | st.text(alphabet=string.printable, max_size=60).map("http://blog.example/".__add__))
def test_what_is_kept_is_kept_again(url: str) -> None:
    kept = safe_url(url)
    assert kept is None or safe_url(kept) == kept
