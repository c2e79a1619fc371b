"""A part equals the whole, at length: `python -m tests.poll.reading_long` makes 5,000 documents and reads each twice.

They are made by hypothesis, other ones each time. What it finds is printed with the shortest document that shows it.
"""

import sys

from hypothesis import HealthCheck, given, settings

from tests.poll.test_reading import AFTER, read_alike, stories

COUNT = 5_000


def run(count: int) -> tuple[int, int]:
    """Compare so many documents; how many, and how many of them in part. AssertionError for the first that differs."""
    found: list[bool] = []

    @settings(
        max_examples=count // AFTER,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=False,
    )
    @given(stories())
    def compare(story: tuple[str, tuple[str, ...]]) -> None:
        found.extend(bool(part.left_out) for part in read_alike(story))

    while len(found) < count:
        compare()
    return len(found), sum(found)


if __name__ == "__main__":
    compared, in_part = run(int(sys.argv[1]) if sys.argv[1:] else COUNT)
    print(f"{compared} documents came to the same in part and as a whole, {in_part} of them with entries left out.")
