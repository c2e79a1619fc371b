"""What the invented blogs post after the first digest is out: the week that is left to whoever tries the desk."""

from aggregator.demo.blogs import Post

POSTS = {
    "borsetshire": (
        Post(
            slug="sticker-numbers",
            title="The bin sticker, one month on: what the phones say",
            hours_old=2,
            author="Maya Okafor",
            paragraphs=(
                "Calls about missed bins are down by two fifths. We counted them by hand for four weeks, because "
                "the phone system files everything that mentions a bin under “general”.",
                "The sticker cost eleven pence. The counting cost more, and was worth more: it found three streets "
                "that had been missed every other week since spring.",
            ),
        ),
        Post(
            slug="weeknotes-47",
            title="Weeknotes 47: a map, a muddle and two retirements",
            hours_old=5,
            author="Priya Nair",
            paragraphs=(
                "The map of drop-in sessions is live. The muddle was mine: I announced it on the wrong day.",
                "Two people retire on Friday who between them know why everything is as it is. We have cake, and a "
                "recorder.",
            ),
        ),
    ),
    "felpersham": (
        Post(
            slug="letters-again",
            title="Six more letters, rewritten in an afternoon with the people who get them",
            hours_old=3,
            author="Ayesha Khan",
            paragraphs=(
                "After the council tax letter, parking asked for theirs. We booked a room in the library, put the "
                "old letters on the tables, and asked everyone who came in to cross out what they did not need.",
                "What was left is on this page. One letter lost three of its four pages, and nothing of what it says.",
            ),
        ),
    ),
    "ambridge": (
        Post(
            slug="flood-gauge",
            title="A flood gauge made of a bucket, a ruler and a phone line",
            hours_old=4,
            author="Jack Archer",
            paragraphs=(
                "The official gauge is two miles upstream and tells us what will happen to somebody else.",
                "Ours rings the parish clerk at 40 centimetres. It has rung twice, and was right twice.",
            ),
        ),
    ),
    "llanfair": (
        Post(
            slug="siarad-plaen",
            title="Siarad plaen: geiriau y gall pawb eu deall",
            hours_old=6,
            author="Siân Morgan",
            paragraphs=(
                "Gofynnon ni i hanner cant o bobl ddarllen ein tudalennau yn uchel. Lle bynnag yr oedden nhw'n "
                "baglu, newidion ni'r frawddeg.",
                "Mae'r rhestr o eiriau a gollon ni ar ddiwedd y dudalen, gyda'r rhai a'u disodlodd.",
            ),
        ),
    ),
    "casterbridge": (
        Post(
            slug="said-no",
            title="What I learnt from saying no in public",
            hours_old=8,
            author="Cllr Ruth Winterbourne",
            paragraphs=(
                "The theatre asked for money that we do not have. I said so at a meeting of two hundred people, "
                "with the budget on the screen, line by line.",
                "Nobody clapped. Eleven people stayed behind to ask what they could run themselves.",
            ),
        ),
    ),
    "okafor": (
        Post(
            slug="handover",
            title="How to hand a service over so that it stays handed over",
            hours_old=7,
            paragraphs=(
                "A handover is not a document. It is the month in which two people answer the same phone.",
                "A list of what to do in that month, in the order in which I have got it wrong.",
            ),
        ),
    ),
    "jobs": (
        Post(
            slug="interaction-designer",
            title="Job: Interaction designer, Barchester City Council",
            hours_old=9,
            paragraphs=(
                "Two years, hybrid, a team of five that has switched off more than it has switched on.",
                "Closes three weeks from today.",
            ),
        ),
    ),
    "showandtell": (
        Post(
            slug="video-housing-repairs",
            title="Video: a housing repair, from the first call to the plumber, in eight minutes",
            hours_old=10,
            author="Dele Adeyemi",
            paragraphs=(
                "One tenant, one dripping tap, seven systems. The tenant does the filming.",
                "Stop at four minutes and twenty seconds, and count the passwords.",
            ),
        ),
    ),
    "barchester": (
        Post(
            slug="retro",
            title="A year of switching things off: the accounts",
            hours_old=11,
            author="Grace Quiverful",
            paragraphs=(
                "Forty-one systems, nine contracts, and one fax machine that turned out to matter.",
                "The whole ledger is a PDF of two pages, which is one page more than we wanted.",
            ),
        ),
    ),
}
"""By the key of the blog, the newest first."""

NOTES = {
    "The bin sticker, one month on": "Eleven pence, and somebody counted. This is what follow-up looks like.",
    "Six more letters": "A library, a pile of letters and some red pens. You could do this next week.",
}
"""What the curator of the demo writes on the entries whose titles begin so."""
