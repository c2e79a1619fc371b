"""The peer's side of against_reader: run by the Python of an environment that has `reader` and nothing of ours."""

import importlib
import json
import resource
import sys
import time


def main() -> None:
    """`DATABASE ADDRESS FEEDS`: update once for each line of input, which says with how many workers."""
    database, address, feeds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    reader = importlib.import_module("reader").make_reader(database)
    for number in range(feeds):
        reader.add_feed(f"{address}/{number}")
    print("ready", flush=True)
    for line in sys.stdin:
        before, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        reader.update_feeds(workers=int(line), scheduled=False)
        after, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - wall
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        entries = reader.get_entry_counts().total
        print(json.dumps({"wall": wall, "cpu": cpu, "mb": after.ru_maxrss / 1024, "entries": entries}), flush=True)


if __name__ == "__main__":
    main()
