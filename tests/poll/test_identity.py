"""What makes two entries one, and when guids are no longer believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import IdentityPolicy, ParsedEntry
from aggregator.poll.identity import content_hash, keyed, names_a_piece, policy_for, text_key
from tests.poll.values import LONG, a_parsed_entry

GUID, GUID_AND_URL = IdentityPolicy.GUID, IdentityPolicy.GUID_AND_URL


def identities(*entries: ParsedEntry, policy: IdentityPolicy = GUID) -> list[str]:
    return [entry.identity for entry in keyed(entries, policy)]


def test_guid_then_address_then_content() -> None:
    by_guid, by_url, by_hash = identities(
        a_parsed_entry(1), a_parsed_entry(2, guid=None), a_parsed_entry(3, guid=None, url=None)
    )
    assert by_guid == "guid:guid-1"
    assert by_url == "url:https://blog1.example.org/post-2"
    assert by_hash.startswith("hash:")


def test_a_blank_guid_is_no_guid() -> None:
    assert identities(a_parsed_entry(1, guid="")) == ["url:https://blog1.example.org/post-1"]


def test_a_repeated_guid_falls_back_to_guid_and_address_and_leaves_the_others_alone() -> None:
    assert identities(a_parsed_entry(1, guid="x"), a_parsed_entry(2, guid="x"), a_parsed_entry(3)) == [
        "guid+url:x\nhttps://blog1.example.org/post-1",
        "guid+url:x\nhttps://blog1.example.org/post-2",
        "guid:guid-3",
    ]


def test_guids_and_addresses_all_equal_fall_back_to_content() -> None:
    found = identities(*(a_parsed_entry(n, guid="x", url="https://blog1.example.org/") for n in range(5)))
    assert len(set(found)) == 5
    assert all(identity.startswith("hash:") for identity in found)


def test_an_entry_that_stands_twice_in_a_document_counts_once_and_order_is_kept() -> None:
    assert identities(a_parsed_entry(2), a_parsed_entry(1), a_parsed_entry(2)) == ["guid:guid-2", "guid:guid-1"]


def test_addresses_that_differ_in_their_fragment_are_different_entries() -> None:
    page = "https://blog1.example.org/changes"
    entries = [a_parsed_entry(n, guid=None, url=f"{page}#{n}") for n in (1, 2)]
    assert identities(*entries) == [f"url:{page}#1", f"url:{page}#2"]


def test_the_stricter_policy_takes_guid_and_address() -> None:
    assert identities(a_parsed_entry(1), policy=GUID_AND_URL) == ["guid+url:guid-1\nhttps://blog1.example.org/post-1"]
    assert identities(a_parsed_entry(1, url=None), policy=GUID_AND_URL) == ["guid:guid-1"]


def test_aliases_hold_what_the_entry_was_called_under_other_rules() -> None:
    [entry] = keyed([a_parsed_entry(1)], GUID_AND_URL)
    assert {"guid:guid-1", "url:https://blog1.example.org/post-1"} <= set(entry.aliases)
    assert entry.identity not in entry.aliases


def test_a_megabyte_of_guid_makes_a_short_key() -> None:
    [one, two] = identities(
        a_parsed_entry(1, guid="x" * 1_000_000 + "1"), a_parsed_entry(2, guid="x" * 1_000_000 + "2")
    )
    assert one != two
    assert len(one) < 100


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        (20, [], GUID),
        (19, [""], GUID),  # 5 %: not more than 5 %
        (18, [""], GUID_AND_URL),
        (19, [None], GUID),
        (38, ["x", "x"], GUID),
        (37, ["x", "x"], GUID_AND_URL),
        (0, [None], GUID_AND_URL),
        (0, [], GUID),
    ],
)
def test_more_than_five_per_cent_of_blank_or_repeated_guids_steps_down(
    good: int, bad: list[str | None], expected: IdentityPolicy
) -> None:
    entries = [a_parsed_entry(n) for n in range(good)] + [a_parsed_entry(90, guid=guid) for guid in bad]
    assert policy_for(entries, GUID) is expected


def test_a_policy_never_steps_up_again() -> None:
    assert policy_for([a_parsed_entry(1)], GUID_AND_URL) is GUID_AND_URL


def test_text_key_goes_by_the_words_alone() -> None:
    plain = text_key("Permits: a start", LONG)
    assert plain is not None
    assert text_key("PERMITS – a start!", f"  {LONG.upper()}\n") == plain
    assert text_key("Permits: an end", LONG) != plain
    assert text_key("Permits: a start", LONG + " Twice.") != plain


def test_a_short_text_has_no_key() -> None:
    assert text_key("Weeknotes", "word " * 19) is None
    assert text_key("Weeknotes", "word " * 20) is not None


@given(st.text(st.characters(max_codepoint=127)) | st.text())
def test_words_are_found_in_ascii_as_in_any_text(text: str) -> None:
    whole, quick = (text_key("T", f"{text} {more} " + "word " * 20) for more in ("\xa0", "."))
    assert whole == quick


def test_what_only_looks_like_a_link_is_none() -> None:
    assert content_hash("T", None, "x", '<p>xhref="a"</p>') == content_hash("T", None, "x", "<p>")
    assert content_hash("T", None, "x", '<p>-href="a"</p>') != content_hash("T", None, "x", "<p>")


def test_content_hash_follows_title_address_text_and_links_but_not_markup() -> None:
    base = content_hash("T", "https://a.example/", "x", '<p>x <a href="https://b.example/">y</a></p>')
    assert content_hash("T", "https://a.example/", "x", '<div>x <a href="https://b.example/">y</a></div>') == base
    others = {
        content_hash("U", "https://a.example/", "x", '<a href="https://b.example/">'),
        content_hash("T", "https://c.example/", "x", '<a href="https://b.example/">'),
        content_hash("T", None, "x", '<a href="https://b.example/">'),
        content_hash("T", "https://a.example/", "z", '<a href="https://b.example/">'),
        content_hash("T", "https://a.example/", "x", '<a href="https://c.example/">'),
    }
    assert len(others) == 5
    assert base not in others


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, False),
        ("https://a.example", False),
        ("https://a.example/", False),
        ("https://a.example/?p=3", True),
        ("https://a.example/post", True),
    ],
)
def test_a_front_page_stands_for_no_piece(url: str | None, expected: bool) -> None:
    assert names_a_piece(url) is expected


few = st.sampled_from([None, "", "a", "b", "c"])


@given(st.lists(st.tuples(few, few, few), max_size=8), st.sampled_from(list(IdentityPolicy)))
def test_a_document_never_gives_two_entries_one_identity(
    rows: list[tuple[str | None, str | None, str | None]], policy: IdentityPolicy
) -> None:
    entries = [a_parsed_entry(1, guid=guid, url=url, title=title or "", text="x") for guid, url, title in rows]
    found = identities(*entries, policy=policy)
    assert len(found) == len(set(found))
    assert identities(*entries, policy=policy) == found
