"""What every page keeps to, in a browser: the rules of WCAG 2.2 AA as axe knows them, and sizes."""

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOOKS: tuple[tuple[int, Scheme, Scheme], ...] = ((320, "dark", "light"), (1200, "light", "dark"))
"""A page is looked at so wide, by all rules in the first scheme, and by those of colours in the other."""
UNFOLD = "document.querySelectorAll('main details').forEach(folded => { folded.open = true })"

# Axe leaves target-size out unless wcag22aa is named.
_ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_RUN = """only => axe.run({runOnly: only, resultTypes: ["violations"]}).then(found => ({
  broken: found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`)),
  kept: found.passes.length }))"""
_WORDS = """(() => {
  const all = [...document.querySelectorAll("body *")]
    .filter(one => [...one.childNodes].some(node => node.nodeType == 3 && node.data.trim()));
  return { all: all.map(one => one.tagName),
    small: all.filter(one => parseFloat(getComputedStyle(one).fontSize) < 16).map(one => one.tagName) } })()"""
_WIDTH = "document.documentElement.scrollWidth"
_TOO_SMALL = """[...document.querySelectorAll("button, a.button, select, textarea, summary, .tabs a, " +
  "input:not([type=radio], [type=checkbox], [type=hidden], [hidden])")]
  .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < 43.9).map(one => one.outerHTML)"""


def check(page: Page, what: object = "", *, also: Scheme | None = None) -> None:
    """Axe finds nothing wrong, in the scheme `also` neither with the colours, and nothing is wider than the window."""
    found = _run(page, _ALL)
    assert found["broken"] == [], what
    assert found["kept"] > 10, what
    if also:
        check_colours(page, what, also)
    check_width(page, what)


def check_colours(page: Page, what: object, scheme: Scheme) -> None:
    """The same of colours only; leaves the page in the scheme in which it was."""
    before: Scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    page.emulate_media(color_scheme=scheme)
    assert _run(page, _COLOURS)["broken"] == [], (what, scheme)
    page.emulate_media(color_scheme=before)


def check_width(page: Page, what: object = "") -> None:
    """Nobody has to scroll sideways."""
    assert page.viewport_size
    assert page.evaluate(_WIDTH) <= page.viewport_size["width"], what


def check_thumbs(page: Page, what: object = "") -> None:
    """Whatever is pressed is large enough for a thumb."""
    assert page.evaluate(_TOO_SMALL) == [], what


def check_large_text(page: Page, what: object = "") -> None:
    """With text twice as large it still fits; leaves the page so, in a window as wide as before."""
    before = page.viewport_size
    assert before
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    check_width(page, (what, "with text twice as large"))
    page.set_viewport_size(before)


def small_words(page: Page) -> list[str]:
    """The elements with words of less than 16 px."""
    found: dict[str, list[str]] = page.evaluate(_WORDS)
    assert found["all"], "there are no words"
    return found["small"]


def _run(page: Page, rules: dict[str, Any]) -> dict[str, Any]:
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    return dict(page.evaluate(_RUN, rules))
