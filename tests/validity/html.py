"""Our own check of a page or a mail: is it valid HTML, and does it hold to what makes it usable by everybody?"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlsplit

from tests.validity import elements
from tests.validity.elements import may_have
from tests.validity.tree import Element, StrictReader, references

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
ADDRESSES = frozenset({"href", "src", "action", "formaction", "cite"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was found in a document."""

    root: Element
    ids: frozenset[str]
    problems: tuple[str, ...]

    def all(self, *tags: str) -> list[Element]:
        """Its elements with these names."""
        return self.root.all(*tags)

    def addresses(self) -> Iterator[tuple[Element, str, str]]:
        """Every address in it: the element, the attribute, and the address."""
        for one in self.root.within():
            yield from ((one, name, one.attributes[name]) for name in ADDRESSES & one.attributes.keys())


def check(html: str, *, is_mail: bool = False, is_part: bool = False) -> Document:
    """Read a document; a part of one has neither head nor headline."""
    reader = StrictReader()
    reader.feed(html)
    reader.close()
    root = reader.root
    given = [one.attributes["id"] for one in root.within() if "id" in one.attributes]
    problems = [*reader.problems, *references(html)]
    problems += [f"the id {one!r} twice" for one, times in Counter(given).items() if times > 1]
    problems += [f"{one!r} is no id" for one in given if not one or re.search(r"\s", one)]
    for one in root.within():
        if not _is_in_picture(one):
            problems += (f"{one}: {said}" for said in _of_element(one, is_mail=is_mail))
    if not is_part:
        problems += _of_pointers(root)
    problems += _headings(root, is_part=is_part)
    if not is_part:
        problems += _of_document(html, reader)
    return Document(root=root, ids=frozenset(given), problems=tuple(problems))


def _of_document(html: str, reader: StrictReader) -> Iterator[str]:
    root = reader.root
    if reader.doctypes != ["doctype html"] or not html.lstrip().lower().startswith("<!doctype html>"):
        yield "it begins with <!doctype html>, once"
    top = root.children[0] if root.children else root
    if [one.tag for one in root.children] != ["html"] or [one.tag for one in top.children] != ["head", "body"]:
        yield "html with head and body, and nothing beside"
        return
    if not LANGUAGE.match(top.attributes.get("lang", "")):
        yield "html has no language"
    if not re.search(rb"<meta charset=.utf-8.>", html.encode()[:1024]):
        yield "its encoding stands within the first 1,024 bytes"
    mains = root.all("main")
    if len(mains) > 1:
        yield "two main"
    outer = {each.tag for one in mains for each in one.around()}
    if outer - {"html", "body", "div", ""}:
        yield f"main within {outer}"
    yield from _of_head(top.children[0])


def _of_head(head: Element) -> Iterator[str]:
    titles, metas = head.all("title"), head.all("meta")
    if len(titles) != 1 or not titles[0].text.strip():
        yield "one title, that says something"
    names = Counter(one.attributes.get("name", one.attributes.get("property", "")) for one in metas)
    yield from (f"meta {name} twice" for name, times in names.items() if times > 1 and name)
    if sum(one.attributes.get("rel") == "canonical" for one in head.all("link")) > 1:
        yield "two canonical addresses"
    said = [one.attributes.get("content", "") for one in metas if one.attributes.get("name") == "viewport"]
    if any(re.search("user-scalable|maximum-scale", one) for one in said):
        yield "the viewport forbids to zoom"


def _of_element(one: Element, *, is_mail: bool) -> Iterator[str]:
    parent = one.parent.tag if one.parent else ""
    if one.tag not in elements.KNOWN:
        yield "unknown, or obsolete"
    allowed = elements.CHILDREN.get(_content_of(one.parent)) if one.parent else None
    is_there = allowed is None or one.tag in allowed
    if not is_there or (parent and parent not in elements.PARENTS.get(one.tag, parent)):
        yield f"does not belong in <{parent}>"
    for outer in one.around():
        inside = elements.NEVER_INSIDE.get(outer.tag, frozenset())
        if one.tag in inside and one.attributes.get("type") != "hidden":
            yield f"within {outer}"
    if one.tag in elements.FIRST and one.parent and one.parent.children[0] is not one:
        yield f"does not come first in <{parent}>"
    if one.tag in elements.NO_TEXT and one.text.strip():
        yield f"holds text of its own: {one.text.strip()[:40]!r}"
    yield from _of_attributes(one, is_mail=is_mail)
    yield from (said for rule in _RULES.get(one.tag, ()) if (said := rule(one)))


def _of_attributes(one: Element, *, is_mail: bool) -> Iterator[str]:
    given = one.attributes
    yield from (f"{name} is no attribute of it" for name in given if not may_have(one.tag, name, is_mail=is_mail))
    for name in ADDRESSES & given.keys():
        if not _is_address(given[name]) and not _is_bookmarklet(one):
            yield f"{given[name]!r} is no address"
    for name in {"lang", "hreflang"} & given.keys():
        if not LANGUAGE.match(given[name]):
            yield f"{given[name]!r} is no language"
    yield from (f"{role!r} is no role" for role in given.get("role", "note").split() if role not in elements.ROLES)
    if given.get("tabindex", "0") not in ("0", "-1"):
        yield "tabindex changes the order"
    if one.tag in elements.UNNAMEABLE and "role" not in given and ("aria-label" in given or "aria-labelledby" in given):
        yield "has a label, and no role to have one"
    if given.get("aria-hidden") == "true":
        reached = [one, *one.within()]
        yield from (f"hides {each}, which can be reached" for each in reached if _is_reached(each))


def _of_pointers(root: Element) -> Iterator[str]:
    there = {each.attributes["id"]: each for each in root.within() if "id" in each.attributes}
    labelled = {label.attributes.get("for") for label in root.all("label") if label.words()}
    for one in root.within():
        for name in elements.POINTERS & one.attributes.keys():
            yield from (f"{one}: {name} {said}" for said in _of_pointer(one, name, there))
        if one.tag in elements.FILLED_IN and not _has_label(one, labelled):
            yield f"{one}: has no label"


def _of_pointer(one: Element, name: str, there: Mapping[str, Element]) -> Iterator[str]:
    wanted = one.attributes[name].split()
    if not wanted:
        yield "points at nothing"
    right = {"label for": elements.LABELABLE, "input list": {"datalist"}}.get(f"{one.tag} {name}")
    for target in wanted:
        if target not in there:
            yield f"points at {target!r}, which is not there"
        elif right and there[target].tag not in right:
            yield f"points at {there[target]}"


def _headings(root: Element, *, is_part: bool) -> Iterator[str]:
    found = [one for one in root.all(*elements.HEADINGS) if not _is_alert(one)]
    yield from (f"{one} is empty" for one in found if not one.words())
    levels = [int(one.tag[1]) for one in found]
    if not is_part and levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    if not is_part and levels and levels[0] != 1:
        yield f"{found[0]} comes before the h1"
    pairs = zip(levels, found[1:], strict=False)
    yield from (f"{below} skips a level" for level, below in pairs if int(below.tag[1]) > level + 1)


# ------------------------------------------------------------------------------------------- rules of single elements


def _is_named(one: Element) -> str:
    if one.words() or one.attributes.get("aria-labelledby") or one.attributes.get("title"):
        return ""
    return "has no name"


def _is_input(one: Element) -> str:
    kind = one.attributes.get("type", "text")
    if kind not in elements.INPUT_TYPES:
        return f"type {kind!r}"
    if kind in ("submit", "button", "reset") and not one.attributes.get("value"):
        return "has no name"
    wrong = set(one.attributes.get("autocomplete", "on").split()) - elements.AUTOCOMPLETE
    return f"autocomplete {wrong}" if wrong else ""


def _is_seen(one: Element) -> str:
    if "alt" not in one.attributes or not one.attributes.get("src"):
        return "needs alt and src"
    return "" if all(one.attributes.get(side, "1").isdecimal() for side in ("width", "height")) else "sides are numbers"


def _is_form(one: Element) -> str:
    if one.attributes.get("method", "get") not in ("get", "post", "dialog"):
        return "has no such method"
    return "has an empty action" if one.attributes.get("action") == "" else ""


def _is_time(one: Element) -> str:
    said = one.attributes.get("datetime", one.text.strip())
    for read in (date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            read(said)
        except ValueError:
            continue
        return ""
    return f"{said!r} is no time"


def _is_list(one: Element) -> str:
    held = [each for child in one.children for each in (child.children if child.tag == "div" else [child])]
    order = "".join({"dt": "t", "dd": "d"}.get(each.tag, "?") for each in held)
    return "" if re.fullmatch("(t+d+)*", order) else "terms, then what they mean"


def _has_first(tag: str) -> Callable[[Element], str]:
    def rule(one: Element) -> str:
        first = one.children[0] if one.children else None
        return "" if first and first.tag == tag and first.words() else f"needs a {tag}"

    return rule


def _is_framed(one: Element) -> str:
    return "" if one.attributes.get("title") else "needs a title"


def _is_table(one: Element) -> str:
    if one.attributes.get("role") == "presentation":
        return "" if not one.all("th", "caption") else "is for looks, and has headings"
    if any("text" in outer.attributes.get("class", "").split() for outer in one.around()):
        return ""  # in the text of an entry, as somebody else made it
    if any("scope" not in each.attributes for each in one.all("th")) or not one.all("th"):
        return "needs headings with a scope"
    rows = [sum(int(each.attributes.get("colspan", "1")) for each in row.children) for row in one.all("tr")]
    spans = any("rowspan" in each.attributes for each in one.all("td", "th"))
    return "" if spans or len(set(rows)) == 1 else f"its rows have {sorted(set(rows))} cells"


_RULES: dict[str, tuple[Callable[[Element], str], ...]] = {
    "a": (_is_named,),
    "button": (_is_named,),
    "details": (_has_first("summary"),),
    "dl": (_is_list,),
    "fieldset": (_has_first("legend"),),
    "form": (_is_form,),
    "iframe": (_is_framed,),
    "img": (_is_seen,),
    "input": (_is_input,),
    "label": (_is_named,),
    "table": (_is_table,),
    "time": (_is_time,),
}


def _is_alert(one: Element) -> bool:
    """Whether it heads a list of mistakes, which stands above all else."""
    return any(outer.attributes.get("role") == "alert" for outer in one.around())


def _content_of(one: Element) -> str:
    """The element whose rule says what may stand in `one`: of a link, the one that it stands in."""
    return next((outer.tag for outer in (one, *one.around()) if outer.tag not in elements.TRANSPARENT), "")


def _has_label(one: Element, labelled: Collection[str | None]) -> bool:
    given = one.attributes
    if given.get("type") in elements.NAMED_BY_VALUE or given.get("aria-label", "").strip():
        return True
    is_around = any(outer.tag == "label" and outer.words() for outer in one.around())
    return is_around or bool(given.get("aria-labelledby")) or ("id" in given and given["id"] in labelled)


def _is_reached(one: Element) -> bool:
    if one.attributes.get("tabindex") == "-1":
        return False
    return (one.tag == "a" and "href" in one.attributes) or one.tag in (elements.INTERACTIVE - {"a", "label"})


def _is_in_picture(one: Element) -> bool:
    return any(outer.tag == "svg" for outer in one.around())


def _is_address(address: str) -> bool:
    if not address or re.search(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname)
    return parts.scheme in ("", "mailto")


def _is_bookmarklet(one: Element) -> bool:
    """The one link that is a script: to be dragged into the browser's bar."""
    return one.attributes.get("draggable") == "true" and one.attributes["href"].startswith("javascript:(function(){")
