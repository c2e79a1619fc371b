"""Lists of people as CSV, in and out."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.deliver.spreadsheet import addresses_in, sheet
from aggregator.errors import WrongUse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@example.org\nb@example.org\n", [(1, "a@example.org"), (2, "b@example.org")]),
        ("Name,Email Address\nA,a@example.org\n\nB,b@example.org\n", [(2, "a@example.org"), (4, "b@example.org")]),
        ("\ufeffEMAIL;name\r\na@example.org;A\r\n", [(2, "a@example.org")]),
        ("name\taddress\nA\ta@example.org\n", [(2, "a@example.org")]),
        ('email,words\na@example.org,"two\nlines"\nb@example.org,\n', [(3, "a@example.org"), (4, "b@example.org")]),
        ("A,a@example.org\nB,b@example.org\n", [(1, "a@example.org"), (2, "b@example.org")]),
        ("email\n'=a@example.org\n'a@example.org\n", [(2, "=a@example.org"), (3, "'a@example.org")]),
        ("email,name\n,nobody\nshort\n", [(3, "short")]),
    ],
)
def test_the_column_of_addresses_is_found(text: str, found: list[tuple[int, str]]) -> None:
    assert [(cell.line, cell.text) for cell in addresses_in(text)] == found


@pytest.mark.parametrize("text", ["", "\n\n", "name\nA\n", 'email\n"a', "a,b\n1,2\n", "email\n" + "a" * 200_000])
def test_what_is_no_such_list_is_refused(text: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        addresses_in(text)
    assert refusal.value.hint


def test_a_file_that_is_no_text_is_refused_even_with_an_address_inside() -> None:
    with pytest.raises(WrongUse, match="no text"):
        addresses_in("SQLite format 3\0\x10\nann@example.org\n")


@pytest.mark.parametrize("cell", ['=HYPERLINK("https://x.example")', "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    rows = list(csv.reader(io.StringIO(sheet(["words"], [[cell]]), newline="")))
    assert rows[1] == [f"'{cell}"]


@example(["'=a@example.org", "''+a@example.org", "'a@example.org"])
@given(st.lists(st.from_regex(r"[a-z0-9=+'-]{1,12}@example\.org", fullmatch=True)))
def test_what_was_written_is_read_back(addresses: list[str]) -> None:
    text = sheet(["email"], [[address] for address in addresses])
    assert [cell.text for cell in addresses_in(text)] == addresses
