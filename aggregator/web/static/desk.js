// Keys, focus and what a screen reader hears, for every page of the desk; each page works without it too.
//
// Pages say in their markup what they want:
//   data-item          an item of a list, which j and k walk; data-focus in it is what gets the focus
//   data-key="s f"     the control that these keys press: in the item where the focus is, else on the page; "gi" is g, then i
//   data-onward        pressing this settles its item: the focus goes on to the next one at once
//   data-undo          takes back what was done with its item; the key u presses the latest
//   data-end           where the focus goes behind the last item
//   data-opens="id"    the next press empties what the first one filled there
//   data-closable      Escape presses data-close in it, which takes it away
//   data-roomy         details that are open from the start where there is room beside the list (desk.css: 64rem)
//   data-quiet         asks by itself: when nobody is signed in any more, nothing happens
//   data-list          forms sent from inside also send "shown", the items on the page
// A server's answer to htmx may carry the event "desk:done": {say: words, focus: id}.

const SEQUENCE = 3000; // ms that a second key may take: hands, and machines, are not always quick
const said = document.getElementById("said");
const settled = []; // ids of items, the latest last
let current = ""; // id of the item that had the focus last
let first = ""; // key of a sequence
let clearing = 0;

export function say(words, loud = false) {
  said.classList.toggle("loud", loud);
  said.textContent = "";
  setTimeout(() => (said.textContent = words), 50); // the same words twice are only heard when they went in between
}

export function focusOn(element) {
  if (!element) return;
  const item = element.closest("[data-item]");
  const goal = element === item ? (item.querySelector("[data-focus]") ?? item.querySelector("a[href], button")) : element;
  (item ?? element).scrollIntoView({ block: "nearest" });
  goal?.focus({ preventScroll: true });
}

const items = () => [...document.querySelectorAll("[data-item]")];
const itemHere = () => document.activeElement?.closest("[data-item]") ?? document.getElementById(current);
const isSeen = (element) => element.getClientRects().length > 0;

function isTyping(element) {
  return element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]");
}

function step(by) {
  const all = items();
  const at = all.indexOf(itemHere());
  focusOn(at < 0 ? all[by > 0 ? 0 : all.length - 1] : (all[at + by] ?? (by > 0 ? document.querySelector("[data-end]") : null)));
}

function onward(item) {
  const all = items();
  const next = all.slice(all.indexOf(item) + 1).find((other) => !other.matches(".settled"));
  focusOn(next ?? document.querySelector("[data-end]"));
}

function controlOf(key) {
  const wanted = `[data-key~="${CSS.escape(key)}"]`;
  const inside = [...(itemHere()?.querySelectorAll(wanted) ?? [])];
  const outside = [...document.querySelectorAll(wanted)].filter((control) => !control.closest("[data-item]"));
  return inside.find(isSeen) ?? outside.find(isSeen);
}

function press(control) {
  if (isTyping(control)) {
    control.focus();
    if (control.matches("textarea")) control.setSelectionRange(control.value.length, control.value.length);
    else control.select?.();
  } else {
    control.click();
  }
}

function undo() {
  while (settled.length) {
    const button = document.getElementById(settled.pop())?.querySelector("[data-undo]");
    if (button) return button.click();
  }
  const button = controlOf("u");
  if (button) press(button);
}

function isTaken(key) {
  if (first) {
    const control = controlOf(first + key);
    first = "";
    if (control) press(control);
    return Boolean(control);
  }
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (key === "u") undo();
  else if (key === "?") document.getElementById("keys")?.showModal();
  else if (key === "g") {
    first = "g";
    clearTimeout(clearing);
    clearing = setTimeout(() => (first = ""), SEQUENCE);
  } else {
    const control = controlOf(key);
    if (!control) return false;
    press(control);
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("textarea")) {
    event.preventDefault();
    target.form?.querySelector("button:not([type=button])")?.click();
  } else if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (key === "Escape") {
    target.closest("[data-closable]")?.querySelector("[data-close]")?.click();
  } else if (document.body.hasAttribute("data-keys") && key.length === 1 && key !== " " && !isTyping(target)) {
    if (event.repeat && key !== "j" && key !== "k") return;
    if (isTaken(key)) event.preventDefault();
  }
});

if (matchMedia("(min-width: 64rem)").matches) {
  for (const details of document.querySelectorAll("[data-roomy]")) details.open = true;
}

document.addEventListener("focusin", (event) => {
  current = event.target.closest("[data-item]")?.id ?? current;
});

function close(link) {
  const closable = link.closest("[data-closable]");
  const item = closable.closest("[data-item]");
  closable.remove();
  focusOn(item);
}

// Before htmx hears of it.
document.addEventListener(
  "click",
  (event) => {
    const closing = event.target.closest("[data-item] [data-close]");
    const opening = event.target.closest("[data-opens]");
    const filled = opening && document.getElementById(opening.dataset.opens);
    if (closing) close(closing);
    else if (filled?.childElementCount) filled.replaceChildren();
    else return;
    opening?.setAttribute("aria-expanded", "false");
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-onward]")?.closest("[data-item]");
  if (!item) return;
  settled.push(item.id);
  onward(item);
});

// ---- htmx ----

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb === "post" && detail.elt.closest("[data-list]")) {
    detail.parameters.set("shown", items().map((item) => item.dataset.item).join(","));
  }
});

// An answer that is a whole page, where a part was asked for, is shown as one: signed out, not allowed, refused.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  if (!/^\s*<!doctype/i.test(xhr.responseText)) return;
  const asked = new URL(requestConfig.path, location.href).pathname;
  const elsewhere = new URL(xhr.responseURL || location.href).pathname !== asked;
  if (detail.elt.matches("[data-quiet]")) {
    detail.shouldSwap = false;
  } else if (elsewhere && xhr.status === 200) {
    detail.shouldSwap = false;
    location.reload(); // the server says again where to go, for the whole page
  } else if (xhr.status >= 400) {
    Object.assign(detail, { target: document.getElementById("main"), selectOverride: "#main", swapOverride: "outerHTML", shouldSwap: true });
    requestAnimationFrame(() => focusOn(document.getElementById("main")));
  }
});

function sayWhatOpens() {
  for (const opening of document.querySelectorAll("[data-opens]")) {
    const filled = document.getElementById(opening.dataset.opens);
    opening.setAttribute("aria-expanded", String(Boolean(filled?.childElementCount)));
  }
}

sayWhatOpens();
document.addEventListener("htmx:afterSwap", sayWhatOpens);

document.addEventListener("desk:done", ({ detail }) => {
  if (detail.say) say(detail.say);
  if (detail.focus) focusOn(document.getElementById(detail.focus));
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => say("That could not be sent, and nothing was saved. Is there a connection? Try again.", true));
}
