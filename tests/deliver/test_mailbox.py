"""Which mail addresses we take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.deliver.mailbox import mailbox
from aggregator.errors import BadAddress


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("reader@example.org", "reader@example.org"),
        ("  Reader@Example.ORG\n", "reader@example.org"),
        ("o'brien+five@example.gov.uk", "o'brien+five@example.gov.uk"),
        ("reader@bücher.example.org", "reader@xn--bcher-kva.example.org"),
        ("=b@example.org", "=b@example.org"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert mailbox(typed) == kept
    assert mailbox(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "reader",
        "reader@",
        "reader@example",
        "reader@localhost",
        "reader@[127.0.0.1]",
        "reader@example.org, other@example.org",
        "<reader@example.org>",
        "Reader <reader@example.org>",
        '"a b"@example.org',
        "a..b@example.org",
        "réader@example.org",
        "reader@example.org\r\nBcc: other@example.org",
        "reader\r\nBcc: other@example.org",
        "reader\x00@example.org",
        "\u202ereader@example.org",
        "reader@exam\u200bple.org",
        "reader@example.org\udc80",
        "=?utf-8?q?reader?=@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 250 + ".org",
        "a" * 1_000_000,
    ],
)
def test_what_is_no_address_that_every_server_takes_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        mailbox(typed)
    assert len(refusal.value.hint) < 300


@given(st.text(max_size=60))
def test_whatever_is_typed_gives_an_address_or_a_refusal(typed: str) -> None:
    try:
        kept = mailbox(f"{typed}@example.org")
    except BadAddress:
        return
    assert kept.isascii()
    assert kept.isprintable()
    assert " " not in kept
