"""Invented council and leader blogs, with what they posted lately: enough for one Friday.

Nobody here exists. Addresses end in `.example`, which never resolves (RFC 2606, section 2).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post; `hours_old` counts back from the moment of the demo."""

    slug: str
    title: str
    hours_old: int
    paragraphs: tuple[str, ...]
    author: str = ""
    url: str = ""  # when it is not on the blog itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """One blog and the format of its feed."""

    key: str
    title: str
    kind: str
    region: str
    home: str
    form: str  # rss, rss-latin-1, rdf, atom or json
    language: str
    posts: tuple[Post, ...]


PROTOTYPE = Post(
    slug="prototype",
    title="The prototype nobody used, and what it taught us",
    hours_old=30,
    author="Maya Okafor",
    paragraphs=(
        "We spent six weeks on a missed-bin form that tested beautifully and then sat unused for a month. The form "
        "was fine. The problem was that people ring us when a bin is missed, because the calendar on the fridge "
        "tells them to, and the calendar is printed two years ahead.",
        "So we changed the calendar. One sticker, with one short address, did more than six weeks of design. We "
        "would do the six weeks again, though: without them we would not have known which sticker to print.",
    ),
)

BLOGS = (
    Blog(
        key="borsetshire",
        title="Borsetshire Digital",
        kind="Councils",
        region="England WM",
        home="https://digital.borsetshire.example",
        form="rss",
        language="en",
        posts=(
            PROTOTYPE,
            Post(
                slug="benches",
                title="Counting benches: our smallest open data set yet",
                hours_old=55,
                author="Tomasz Lis",
                paragraphs=(
                    "There are 412 public benches in the county and until last month nobody had a list of them. Two "
                    "apprentices, one bicycle and a spreadsheet later, we do.",
                    "The list is published under the Open Government Licence. The first person to use it was a "
                    "walking group who plan routes for people who need to sit down every ten minutes.",
                ),
            ),
            Post(
                slug="weeknotes-46",
                title="Weeknotes 46: telephones, tea & a very long form",
                hours_old=75,
                author="Tomasz Lis",
                paragraphs=(
                    "Monday we listened to calls. Tuesday we drew what we heard. Wednesday the longest form in the "
                    "building lost eleven of its forty questions, and nobody has missed them yet.",
                ),
            ),
        ),
    ),
    Blog(
        key="felpersham",
        title="Felpersham service design",
        kind="Councils",
        region="England E",
        home="https://design.felpersham.example",
        form="atom",
        language="en",
        posts=(
            Post(
                slug="letters",
                title="We rewrote the council tax letter. Calls fell by a third",
                hours_old=20,
                author="Priya Raman",
                paragraphs=(
                    "The old letter opened with the name of an Act. The new one opens with what you owe, when, and "
                    "what to do if you cannot pay. It is the same law and the same money.",
                    "Calls about the letter fell from 910 in the first week of last year's run to 588 in this one. "
                    "We are publishing both letters, the research notes and the spreadsheet, so that you can check "
                    "our working and steal the wording.",
                ),
            ),
            Post(
                slug="pairing",
                title="Pair writing with a parking officer",
                hours_old=70,
                author="Priya Raman",
                paragraphs=(
                    "Nobody knows the excuses like a parking officer. We sat down together for a morning and rewrote"
                    " the appeal page around the five reasons that actually succeed.",
                ),
            ),
            Post(
                slug="angle-brackets",
                title="Why our pages say <main> and yours should too",
                hours_old=90,
                author="Jo Field",
                paragraphs=(
                    "A landmark costs one element and saves every screen reader user a minute a page. This is a "
                    "short note on the three landmarks that we now check before anything goes live.",
                ),
            ),
        ),
    ),
    Blog(
        key="ambridge",
        title="Ambridge Rural District notes",
        kind="Councils",
        region="England WM",
        home="https://notes.ambridge.example",
        form="rdf",
        language="en",
        posts=(
            Post(
                slug="broadband",
                title="What happened when the village hall became the library",
                hours_old=40,
                author="Susan Carter-Bell",
                paragraphs=(
                    "The library closed in 2019. The hall had a kettle, a router and someone in it every weekday. It"
                    " took one shelf and a printer to make it the place where people do their online forms together.",
                    "We counted for a year: 1,340 visits, 212 blue badges, 61 first e-mail addresses. It costs less "
                    "than the bus that used to take people to town.",
                ),
            ),
            Post(
                slug="gritting",
                title="Gritting routes, now with a map that loads",
                hours_old=100,
                author="Susan Carter-Bell",
                paragraphs=("The old map weighed nine megabytes. The new one is a list of roads, with a map beneath.",),
            ),
        ),
    ),
    Blog(
        key="llanfair",
        title="Llanfair Digidol",
        kind="Councils",
        region="Wales",
        home="https://digidol.llanfair.example",
        form="json",
        language="cy",
        posts=(
            Post(
                slug="dwyieithog",
                title="Cynllunio'n ddwyieithog o'r dechrau: yr hyn a ddysgon ni am gŵyn ac ymateb",
                hours_old=28,
                author="Siân Prŷs",
                paragraphs=(
                    "Nid cyfieithu ar y diwedd, ond ysgrifennu'r ddwy iaith ochr yn ochr o'r dechrau. Mae'r tîm yn "
                    "ysgrifennu mewn parau, ac mae'r ffurflen gwyno yn fyrrach yn y ddwy iaith o'r herwydd.",
                ),
            ),
            Post(
                slug="welsh-first",
                title="Designing in two languages from the first sketch",
                hours_old=27,
                author="Siân Prŷs",
                paragraphs=(
                    "We stopped translating at the end and began writing both languages side by side. The complaints"
                    " form came out shorter in each of them, because the sentence that will not translate is usually"
                    " the sentence that was never clear.",
                ),
            ),
        ),
    ),
    Blog(
        key="casterbridge",
        title="Leader's blog, Casterbridge Borough",
        kind="Leaders",
        region="England SW",
        home="https://leader.casterbridge.example",
        form="rss-latin-1",
        language="en",
        posts=(
            Post(
                slug="cafe",
                title="£40 and a café table: budget talks that people came to",
                hours_old=50,
                author="Cllr Ruth Henchard",
                paragraphs=(
                    "Our budget consultation used to reach ninety people, most of them us. This year we took a table"
                    " in a café on market day, put £40 behind the counter, and asked everyone who sat down one "
                    "question.",
                    "We had 311 answers by four o'clock. I learnt more about bus shelters than I thought there was "
                    "to know, and next year's budget has eleven of them in it.",
                ),
            ),
            Post(
                slug="naive",
                title="A naïve question about our website",
                hours_old=110,
                author="Cllr Ruth Henchard",
                paragraphs=("Why can nobody find the councillor who represents them? I tried. It took seven clicks.",),
            ),
        ),
    ),
    Blog(
        key="okafor",
        title="Maya Okafor",
        kind="Leaders",
        region="UK",
        home="https://mayaokafor.example",
        form="atom",
        language="en",
        posts=(
            PROTOTYPE,
            Post(
                slug="quiet",
                title="In praise of the quiet service owner",
                hours_old=60,
                author="Maya Okafor",
                paragraphs=(
                    "The best service owner I know has never given a talk. She answers the phone one morning a week,"
                    " and has done so for nine years. Ask her anything about her service, and she will tell you "
                    "about a person.",
                ),
            ),
        ),
    ),
    Blog(
        key="jobs",
        title="Local digital jobs",
        kind="Community",
        region="UK",
        home="https://jobs.localdigital.example",
        form="rss",
        language="en",
        posts=(
            Post(
                slug="head-of-service-design",
                title="Head of Service Design, Felpersham City Council",
                hours_old=26,
                paragraphs=(
                    "Lead a team of nine who make services for 140,000 people. You would start with adult social "
                    "care, have the ear of the chief executive, and be expected to publish what you learn. £58,400, "
                    "two days a week in the office.",
                ),
            ),
            Post(
                slug="content-designer",
                title="Content designer, Borsetshire County Council",
                hours_old=80,
                paragraphs=("Part time, with people who count benches. Closing date at the end of the month.",),
            ),
        ),
    ),
    Blog(
        key="showandtell",
        title="Public Service Show and Tell",
        kind="Community",
        region="UK",
        home="https://showandtell.example",
        form="rss",
        language="en",
        posts=(
            Post(
                slug="five-minute-demo",
                title="Video: a planning application in five minutes, from a phone",
                hours_old=33,
                author="Dele Adeyemi",
                paragraphs=(
                    "Dele shows the whole way from a photograph of a fence to a valid application, in one take, on a"
                    " three-year-old telephone with a cracked screen. The bit at 3:10 where the drawing is checked "
                    "while he talks is the bit to show your planning committee.",
                ),
                url="https://video.showandtell.example/watch/five-minute-demo",
            ),
            Post(
                slug="next",
                title="What is on in December",
                hours_old=95,
                author="Dele Adeyemi",
                paragraphs=("Four sessions, two of them about data, one about grief, and one about bins.",),
            ),
        ),
    ),
    Blog(
        key="barchester",
        title="Barchester transformation",
        kind="Councils",
        region="England SW",
        home="https://transformation.barchester.example",
        form="rss",
        language="en",
        posts=(
            Post(
                slug="switch-off",
                title="How we switched off a system that forty teams said they needed",
                hours_old=44,
                author="Eleanor Harding",
                paragraphs=(
                    "Forty teams told us that they needed it. We asked each to show us the last thing they did with "
                    "it. Three could. We built those three something small, switched the rest off on a Friday, and "
                    "waited by the telephone with cake.",
                    "It rang once. The call was about the cake.",
                ),
            ),
            Post(
                slug="roadmap",
                title="Our roadmap is now a list of questions",
                hours_old=120,
                author="Eleanor Harding",
                paragraphs=(
                    "Dates made us lie. Questions make us find out. Here are the nine that we are working on, in "
                    "order.",
                ),
            ),
        ),
    ),
)
