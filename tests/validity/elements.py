"""What HTML says of its elements, as far as our pages and mails use it (HTML Living Standard, sections 3 and 4)."""


def words(text: str) -> frozenset[str]:
    """A set of words."""
    return frozenset(text.split())


VOID = words("area base br col embed hr img input link meta source track wbr")
PHRASING = words(
    "a abbr b bdi bdo br button cite code data datalist del dfn em i iframe img input ins kbd label map mark meter"
    " output picture progress q s samp script select small span strong sub sup svg template textarea time u var wbr"
)
FLOW = PHRASING | words(
    "address article aside blockquote details dialog div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr"
    " main menu nav ol p pre search section table ul"
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
SECTIONING = words("article aside nav section")
TRANSPARENT = words("a del ins map")
INTERACTIVE = words("a button details iframe input label select textarea")
LABELABLE = words("button input meter output progress select textarea")
FILLED_IN = words("input select textarea")
NAMED_BY_VALUE = words("button hidden image reset submit")
"""Inputs that need no label."""
TEXT_ONLY = words("option script style textarea title")

_PHRASING_ONLY = words(
    "abbr b bdi bdo button cite code data dfn em h1 h2 h3 h4 h5 h6 i kbd label mark meter output p pre progress q s"
    " samp small span strong sub sup time u var"
)
_SCRIPTS = words("script template")
CHILDREN: dict[str, frozenset[str]] = {
    **dict.fromkeys(_PHRASING_ONLY, PHRASING),
    "html": words("head body"),
    "head": words("base link meta script style template title"),
    "ul": words("li") | _SCRIPTS,
    "ol": words("li") | _SCRIPTS,
    "menu": words("li") | _SCRIPTS,
    "dl": words("dt dd div") | _SCRIPTS,
    "table": words("caption colgroup thead tbody tfoot tr") | _SCRIPTS,
    "colgroup": words("col"),
    "thead": words("tr"),
    "tbody": words("tr"),
    "tfoot": words("tr"),
    "tr": words("td th") | _SCRIPTS,
    "select": words("option optgroup hr"),
    "optgroup": words("option"),
    "datalist": words("option"),
    "details": FLOW | words("summary"),
    "fieldset": FLOW | words("legend"),
    "figure": FLOW | words("figcaption"),
    "legend": PHRASING | words("h1 h2 h3 h4 h5 h6"),
    "summary": PHRASING | words("h1 h2 h3 h4 h5 h6"),
    "picture": words("source img"),
    **dict.fromkeys(TEXT_ONLY, frozenset()),
}
"""What may stand directly in an element; in one that is not here, whatever may stand in a page."""
NO_TEXT = words("html head ul ol menu dl table colgroup thead tbody tfoot tr select optgroup datalist picture")
PARENTS = {
    "head": words("html"),
    "body": words("html"),
    "title": words("head"),
    "meta": words("head"),
    "link": words("head"),
    "base": words("head"),
    "style": words("head"),
    "li": words("ul ol menu"),
    "dt": words("dl div"),
    "dd": words("dl div"),
    "caption": words("table"),
    "colgroup": words("table"),
    "col": words("colgroup"),
    "thead": words("table"),
    "tbody": words("table"),
    "tfoot": words("table"),
    "tr": words("table thead tbody tfoot"),
    "td": words("tr"),
    "th": words("tr"),
    "option": words("select optgroup datalist"),
    "optgroup": words("select"),
    "legend": words("fieldset"),
    "figcaption": words("figure"),
    "summary": words("details"),
    "source": words("picture"),
}
NEVER_INSIDE = {
    "a": INTERACTIVE,
    "button": INTERACTIVE,
    "label": words("label"),
    "form": words("form"),
    "header": words("header footer main"),
    "footer": words("header footer main"),
    "address": words("header footer address") | SECTIONING | words("h1 h2 h3 h4 h5 h6"),
    "dt": words("header footer") | SECTIONING | words("h1 h2 h3 h4 h5 h6"),
    "th": words("header footer") | SECTIONING | words("h1 h2 h3 h4 h5 h6"),
    "caption": words("table"),
    "article": words("main"),
    "aside": words("main"),
    "nav": words("main"),
    "section": words("main"),
    "dfn": words("dfn"),
}
"""What may not stand in an element at any depth."""
FIRST = {"legend": "fieldset", "summary": "details", "caption": "table", "head": "html"}
"""What must come first in its parent."""
KNOWN = FLOW | PARENTS.keys() | words("html")

_GLOBAL = words(
    "autocapitalize autocorrect autofocus class dir draggable enterkeyhint hidden id inert inputmode lang popover role"
    " spellcheck style tabindex title translate"
)
_CONTROL = words("disabled form name")
_TYPED = _CONTROL | words("autocomplete maxlength minlength placeholder readonly required")
ATTRIBUTES = {
    "a": words("href hreflang rel target download type"),
    "base": words("href target"),
    "blockquote": words("cite"),
    "button": _CONTROL | words("formaction formmethod formnovalidate popovertarget type value"),
    "col": words("span"),
    "colgroup": words("span"),
    "data": words("value"),
    "del": words("cite datetime"),
    "details": words("open name"),
    "dialog": words("open"),
    "fieldset": words("disabled form name"),
    "form": words("accept-charset action autocomplete enctype method name novalidate target"),
    "iframe": words("allow height loading name referrerpolicy sandbox src srcdoc width"),
    "img": words("alt decoding height loading referrerpolicy src srcset sizes width"),
    "input": _TYPED | words("accept alt checked list max min multiple pattern size src step type value"),
    "ins": words("cite datetime"),
    "label": words("for"),
    "li": words("value"),
    "link": words("as crossorigin href hreflang media referrerpolicy rel sizes type"),
    "meta": words("charset content http-equiv media name property"),
    "meter": words("high low max min optimum value"),
    "ol": words("reversed start type"),
    "optgroup": words("disabled label"),
    "option": words("disabled label selected value"),
    "output": words("for form name"),
    "progress": words("max value"),
    "q": words("cite"),
    "script": words("async crossorigin defer src type"),
    "select": _CONTROL | words("autocomplete multiple required size"),
    "source": words("height media sizes srcset type width"),
    "style": words("media"),
    "svg": words("height preserveaspectratio viewbox width"),
    "td": words("colspan headers rowspan"),
    "textarea": _TYPED | words("cols rows wrap"),
    "th": words("abbr colspan headers rowspan scope"),
    "time": words("datetime"),
}
IN_MAILS = {
    "table": words("width cellpadding cellspacing border align"),
    "td": words("width height align valign"),
    "body": words("bgcolor"),
}
"""What the standard calls obsolete, and mail programs need."""
ARIA = words(
    "activedescendant atomic busy checked colcount colindex colspan controls current describedby description details"
    " disabled errormessage expanded haspopup hidden invalid keyshortcuts label labelledby level live modal multiline"
    " multiselectable orientation owns placeholder posinset pressed readonly relevant required roledescription rowcount"
    " rowindex rowspan selected setsize sort valuemax valuemin valuenow valuetext"
)
ROLES = words(
    "alert alertdialog application article banner button cell checkbox columnheader combobox complementary contentinfo"
    " dialog document feed figure form grid gridcell group heading img link list listbox listitem log main marquee math"
    " menu menubar menuitem meter navigation none note option presentation progressbar radio radiogroup region row"
    " rowgroup rowheader scrollbar search searchbox separator slider spinbutton status switch tab table tablist"
    " tabpanel term textbox timer toolbar tooltip tree treegrid treeitem"
)
POINTERS = {
    *("aria-activedescendant", "aria-controls", "aria-describedby", "aria-details", "aria-errormessage"),
    *("aria-labelledby", "aria-owns", "for", "form", "headers", "list", "popovertarget"),
}
"""Attributes that hold ids of the same page."""
UNNAMEABLE = words("b br caption code del div em i ins p small span strong sub sup")
"""May have no aria-label, unless a role says what they are (ARIA in HTML, section 4)."""
INPUT_TYPES = words(
    "button checkbox color date datetime-local email file hidden image month number password radio range reset search"
    " submit tel text time url week"
)
AUTOCOMPLETE = words("on off current-password email name new-password organization url username one-time-code")
HTMX = words(
    "hx-boost hx-confirm hx-disabled-elt hx-ext hx-get hx-headers hx-include hx-indicator hx-params hx-post hx-preserve"
    " hx-push-url hx-replace-url hx-select hx-select-oob hx-swap hx-swap-oob hx-sync hx-target hx-trigger hx-vals"
)
"""No attributes of HTML, but of the script of the desk."""


def may_have(tag: str, attribute: str, *, is_mail: bool = False) -> bool:
    """Whether an element may have this attribute."""
    if attribute.startswith("aria-"):
        return attribute.removeprefix("aria-") in ARIA
    if attribute.startswith("data-") or attribute in _GLOBAL or attribute in HTMX:
        return True
    return attribute in ATTRIBUTES.get(tag, ()) or (is_mail and attribute in IN_MAILS.get(tag, ()))
