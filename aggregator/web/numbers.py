"""Numbers as addresses and forms give them (pure): what is none, or longer than any id, names nothing."""

from starlette.convertors import Convertor

LONGEST = 18
"""Digits that every table holds; int() itself refuses more than 4,300."""


class Id(Convertor[int]):
    """The id in a route's path; 0, which nothing has, when it is too long to be one."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """From the address."""
        return number(value) or 0

    def to_string(self, value: int) -> str:
        """For an address."""
        return str(value)


def number(digits: str) -> int | None:
    """A number that a table can have as an id."""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST else None


def first_of_page(start: str, at_once: int) -> int:
    """Which line a page of so many begins with, by its address; the first of all when that says none."""
    return (number(start) or 0) // at_once * at_once if len(start) < 7 else 0
