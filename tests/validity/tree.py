"""Reads HTML without forgiving anything: what a browser would repair silently is a problem here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from html.parser import HTMLParser

from tests.validity.elements import VOID

_REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w*);?")
_NO_MARKUP = re.compile(r"<!--.*?-->|(?<=<script)[^>]*>.*?(?=</script)|(?<=<style)[^>]*>.*?(?=</style)", re.DOTALL)
_TAG_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")


@dataclass(eq=False)
class Element:
    """An element, with what it holds."""

    tag: str
    attributes: dict[str, str]
    line: int
    parent: "Element | None" = None
    children: list["Element"] = field(default_factory=list)
    text: str = ""  # its own, without that of its children

    def __str__(self) -> str:
        return f"<{self.tag}> in line {self.line}"

    def within(self) -> Iterator["Element"]:
        """All that it holds, in order."""
        left = self.children[::-1]
        while left:
            yield (one := left.pop())
            left += one.children[::-1]

    def around(self) -> Iterator["Element"]:
        """All that it stands in, the nearest first."""
        if self.parent:
            yield self.parent
            yield from self.parent.around()

    def all(self, *tags: str) -> list["Element"]:
        """Those with these names that it holds."""
        return [one for one in self.within() if one.tag in tags]

    def words(self) -> str:
        """Its text and that of all it holds; pictures count by their alternative text."""
        said = [self.text, self.attributes.get("alt", ""), self.attributes.get("aria-label", "")]
        return " ".join(" ".join([*said, *(child.words() for child in self.children)]).split())


class StrictReader(HTMLParser):
    """Builds a tree below `root`, and lists what is amiss in `problems`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.root = Element("", {}, 0)
        self.problems: list[str] = []
        self.doctypes: list[str] = []
        self._open = self.root

    def close(self) -> None:
        super().close()
        while self._open is not self.root:
            self._complain(f"{self._open} is never closed")
            self._open = self._open.parent or self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)
        if tag not in VOID:
            self._open = self._open.children[-1]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)
        if tag not in VOID and not self._is_foreign():
            self._complain(f"<{tag}/> does not close itself")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            self._complain(f"</{tag}> closes what has no end")
        elif self._open.tag == tag:
            self._open = self._open.parent or self.root
        else:
            self._complain(f"</{tag}> does not close {self._open}")
            outer = next((one for one in self._open.around() if one.tag == tag), None)
            self._open = (outer.parent or self.root) if outer else self._open

    def handle_data(self, data: str) -> None:
        if self._open.tag not in ("script", "style"):
            if "<" in data:
                self._complain(f"a stray < in {self._open}")
            if "\0" in data or re.search(r"[\x01-\x08\x0b\x0e-\x1f\x7f]", data):
                self._complain(f"a control character in {self._open}")
        self._open.text += data

    def handle_entityref(self, name: str) -> None:
        self._open.text += html5.get(f"{name};", "")

    def handle_charref(self, name: str) -> None:
        number = int(name[1:], 16) if name[0] in "xX" else int(name)
        if (number in range(0x20) and number not in (9, 10, 13)) or number > 0x10FFFF or 0xD800 <= number < 0xE000:
            self._complain(f"&#{name}; is no character")
        else:
            self._open.text += chr(number)

    def handle_decl(self, decl: str) -> None:
        if self.root.children:
            self._complain(f"<!{decl}> after the beginning")
        self.doctypes.append(decl.lower())

    def unknown_decl(self, data: str) -> None:
        self._complain(f"<![{data}]> does not belong in HTML")

    def handle_pi(self, data: str) -> None:
        self._complain(f"<?{data}> does not belong in HTML")

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0], self._open)
        self._open.children.append(made)
        if not _TAG_NAME.match(tag) and not self._is_foreign():
            self._complain(f"{made} is no name of an element")
        for name in {name for name, _ in attrs if [name for name, _ in attrs].count(name) > 1}:
            self._complain(f"{made} has {name} twice")

    def _is_foreign(self) -> bool:
        return any(one.tag == "svg" for one in (self._open, *self._open.around()))

    def _complain(self, words: str) -> None:
        self.problems.append(f"{words} (line {self.getpos()[0]})")


def references(html: str) -> Iterator[str]:
    """What is amiss with the & of a document, in text and attributes alike."""
    for found in _REFERENCE.findall(_NO_MARKUP.sub("", html)):
        if not found.endswith(";"):
            yield f"{found} without its ;"
        elif found[1] != "#" and found[1:] not in html5:
            yield f"{found} is no character"
