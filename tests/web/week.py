"""A week's inbox with something of everything in it."""

from dataclasses import dataclass
from datetime import timedelta

from aggregator.sanitise import clean
from aggregator.store.database import Tx
from tests.rows import WEDNESDAY, add_entry, follow_a_feed

TITLES = (
    "What we learnt from replacing our parking permits",
    "Weeknotes: four interviews, two prototypes and a broken printer",
    "Potholes, and the map that residents trust",
    "Why we stopped writing strategies",
    "A small guide to asking better questions",
    "Our data team is three people and a spreadsheet",
)
EXCERPT = (
    "We thought that permits were a form. They turned out to be eleven letters, four teams and one person who knew how"
    " it all hung together. This is what we found when we followed one of them from the counter to the bin, and what"
    " we will do about it next. "
)
LONG = f"""<h1>The first part</h1><p>{EXCERPT}</p><p>A <a href="https://example.org/report">report</a>, and a
picture:</p>
<figure><img src="https://pictures.example.org/desk.jpg" alt="A desk with letters on it"><figcaption>Eleven
letters</figcaption></figure><h2>What we did</h2><ul><li>Asked people</li><li>Threw seven letters away</li></ul>
<pre><code>{"x" * 120}</code></pre>
<table><tr><th>Team</th><th>Letters</th></tr><tr><td>Permits</td><td>5</td></tr></table>
<p><img src="https://cdn.example.net/chart.png" alt=""></p>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Some of its entries, by what is special about them."""

    newest: int
    long: int  # with headings, links, and pictures of two hosts
    twin: int  # leads a piece that another feed carries, too
    welsh: int
    untitled: int
    lost: int  # without an address
    wide: int  # words that no line can hold
    feed: int  # of most of them


def a_week(tx: Tx, *, plain: int = 24) -> Week:
    """Entries of this Wednesday, the later ones newer; `plain` of them are like any other."""
    council = follow_a_feed(tx, title="Borsetshire Digital", region="Wales")
    other = follow_a_feed(tx, title="Felpersham Council", region="Scotland")
    leader = follow_a_feed(tx, title="Jo Smith", kind="Leaders")
    at = iter(WEDNESDAY - timedelta(minutes=7 * n) for n in range(200, 0, -1))
    for n in range(plain):
        title, feed = TITLES[n % len(TITLES)], (council, leader)[n % 5 == 4]
        add_entry(
            tx, feed, title=f"{title} ({n})", text=EXCERPT * (1 + n % 9), author="Ann Lee", first_seen_at=next(at)
        )
    wide = add_entry(tx, council, title=f"https://example.org/{'w' * 90}", text="v" * 200, first_seen_at=next(at))
    lost = add_entry(tx, council, title="Nobody knows where", url=None, first_seen_at=next(at))
    untitled = add_entry(tx, council, title="", text="", html="", author=None, first_seen_at=next(at))
    welsh = add_entry(
        tx,
        leader,
        title="Beth ddysgon ni",
        language="cy",
        kind="podcast",
        text="Wythnos brysur.",
        first_seen_at=next(at),
    )
    twin = add_entry(tx, council, title="One piece in two blogs", text=EXCERPT, first_seen_at=next(at))
    add_entry(tx, other, title="One piece in two blogs", text=EXCERPT, piece_id=twin, first_seen_at=next(at))
    made = clean(LONG, "https://example.org/")
    long = add_entry(
        tx, council, title="From the counter to the bin", html=made.html, text=made.text, first_seen_at=next(at)
    )
    newest = add_entry(tx, leader, title="The newest of all", text=EXCERPT, first_seen_at=next(at))
    return Week(newest=newest, long=long, twin=twin, welsh=welsh, untitled=untitled, lost=lost, wide=wide, feed=council)
