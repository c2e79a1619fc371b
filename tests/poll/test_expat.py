"""The XML parser that feedparser works with."""

import io
import xml.sax
from xml.sax.handler import ContentHandler

from feedparser.api import PREFERRED_XML_PARSERS

from aggregator.model import ParsedFeed
from aggregator.poll import expat, parse
from tests.poll.shapes import OK, rss


class Texts(ContentHandler):
    """Notes each text as it is handed on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def characters(self, content: str) -> None:
        self.found.append(content)


def test_a_text_is_handed_on_whole() -> None:
    texts, parser = Texts(), expat.create_parser()
    parser.setContentHandler(texts)
    for _ in range(2):  # it is made ready for each document
        parser.parse(io.BytesIO(b"<a>one\n&lt;two&amp;\n<![CDATA[th\nree]]></a>"))
    assert texts.found == ["one\n<two&\nth\nree"] * 2


def test_feedparser_takes_it_and_looks_for_no_other() -> None:
    assert isinstance(parse.read(rss(OK), "", "https://x.example/"), ParsedFeed)
    assert isinstance(xml.sax.make_parser(PREFERRED_XML_PARSERS), type(expat.create_parser()))
