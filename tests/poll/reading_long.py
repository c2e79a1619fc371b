"""A part equals the whole, at length: `python -m tests.poll.reading_long` makes 5,000 documents and reads each twice.

They are made by hypothesis, other ones each time. What it finds is printed with the shortest document that shows it.
"""

import sys

from hypothesis import HealthCheck, given, settings

from tests.poll.test_reading import read_alike, stories

COUNT = 5_000


def run(count: int) -> int:
    """Compare so many documents; how many were read in part. Raises AssertionError for the first that differs."""
    in_part = 0

    @settings(
        max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None, print_blob=False
    )
    @given(stories())
    def compare(story: tuple[str, str]) -> None:
        nonlocal in_part
        in_part += bool(read_alike(story).left_out)

    compare()
    return in_part


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if sys.argv[1:] else COUNT
    print(f"{wanted} documents came to the same in part and as a whole, {run(wanted)} of them with entries left out.")
