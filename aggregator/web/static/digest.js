// The page of a digest: saves while somebody types, puts parts in place, keeps what could not be saved, shows the preview.
// Without it, each button saves the whole form and the page comes again.

import { focusOn, say } from "./desk.js";

const PAUSE = 700; // ms without a key before it saves
const AGAIN = 10_000; // ms until it tries again
const ASIDE = new Set(["csrf", "revision", "order", "q", "at"]); // fields that hold no words of the digest
const AT_ONCE = 60_000; // characters that a browser still sends for a page that goes away

const form = document.getElementById("words");
const saved = document.getElementById("saved");
const look = document.getElementById("look");
const frame = document.getElementById("preview");
const place = `five-words:${location.pathname}`;

let timer = 0;
let typed = 0; // goes up with every change
let safe = 0; // what it was when the server last had everything
let isStopped = false; // somebody else changed the digest: a person decides what is saved
let hasFailed = false;
let isLeaving = false;
let queue = Promise.resolve();

// ---- what stands in the form ----

const words = () => Object.fromEntries([...new FormData(form)].filter(([name]) => !ASIDE.has(name)));

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(words()));
  } catch {
    // Full, or switched off: then there is only the question before leaving.
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(place) ?? "null");
  } catch {
    return null;
  }
}

const forget = () => localStorage.removeItem(place);

// ---- saving ----

function tell(text, isBad = false) {
  if (saved) saved.textContent = text;
  saved?.classList.toggle("bad", isBad);
  form.classList.toggle("unsaved", isBad);
}

async function send(action, to) {
  const body = new URLSearchParams(new FormData(form));
  body.set("do", action);
  body.set("to", to);
  const keepalive = body.toString().length < AT_ONCE;
  const answer = await fetch(form.action, { method: "POST", body, keepalive, headers: { "hx-request": "true" } });
  const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!parts.getElementById("standing")) throw new Error(parts.querySelector("main .lead")?.textContent.trim() ?? "");
  return { answer, parts };
}

function put(parts, isRearranged) {
  const here = document.activeElement?.id;
  for (const part of parts.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    const isBusy = old?.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
    if (old && (isRearranged || !isBusy)) old.replaceWith(document.adoptNode(part));
  }
  if (here && document.activeElement?.id !== here) document.getElementById(here)?.focus({ preventScroll: true });
  dress();
}

function heard(answer, here) {
  const { say: said, focus } = JSON.parse(answer.headers.get("hx-trigger-after-swap") ?? "{}")["desk:done"] ?? {};
  const same = document.getElementById(here);
  if (same && !same.disabled) focusOn(same);
  else if (focus) focusOn(document.getElementById(focus));
  if (said) say(said);
}

// A person asked for it, or left a field and would like to hear; or it is only time to.
function save(action = "", { to = "", isTold = false } = {}) {
  clearTimeout(timer);
  queue = queue.then(() => saveNow(action, to, isTold));
}

async function saveNow(action, to, isTold) {
  const isAsked = action !== "";
  if (!isAsked && (safe === typed || isStopped)) {
    if (isTold && !isStopped) say(saved.textContent); // it was saved before the field was left
    return;
  }
  const now = typed;
  tell("Saving…");
  form.inert = isAsked; // what is typed while parts are put in place would be lost
  const here = document.activeElement?.id;
  try {
    const { answer, parts } = await send(action || "save", to);
    form.inert = false;
    if (here) document.getElementById(here)?.focus({ preventScroll: true });
    const isRearranged = Boolean(parts.getElementById("picks"));
    put(parts, isRearranged);
    isStopped = Boolean(document.querySelector("#alert[data-clash]"));
    const isWrong = document.getElementById("errors");
    hasFailed = false;
    if (isStopped) {
      tell("Not saved: somebody else changed it", true);
      focusOn(document.getElementById("clash"));
    } else {
      safe = now;
      if (safe === typed) forget();
      if (safe !== typed) tell("Not saved yet"); // somebody typed on meanwhile
      else tell(isWrong ? "Saved, but for what is said below" : "Saved");
      if (isWrong && isAsked) focusOn(isWrong);
      else if (isAsked) heard(answer, here);
      else if (isTold && safe === typed) say(saved.textContent);
      refresh();
    }
  } catch (error) {
    form.inert = false;
    if (isLeaving) return;
    hasFailed = true;
    keep();
    tell("Not saved", true);
    say(`Not saved. ${error instanceof TypeError ? "Is there a connection?" : error.message} Your words are kept in this browser.`, true);
    timer = setTimeout(save, AGAIN);
  }
}

// ---- what people do ----

form.addEventListener("input", ({ target }) => {
  if (ASIDE.has(target.name)) return;
  typed += 1;
  keep();
  if (!form.hasAttribute("data-autosave")) return;
  if (!hasFailed && !isStopped) tell("Not saved yet");
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
});

form.addEventListener("change", ({ target }) => {
  if (form.hasAttribute("data-autosave") && !ASIDE.has(target.name)) save("", { isTold: true });
});

form.addEventListener("submit", async (event) => {
  const { submitter } = event;
  const action = submitter?.value ?? "save";
  if (!form.hasAttribute("data-autosave") || isLeaving) {
    isLeaving = true;
    return;
  }
  event.preventDefault();
  if (action === "publish" || action === "discard") {
    await queue; // so that the revision is the latest
    await new Promise((done) => setTimeout(done)); // within the event of one submission, there is no other
    isLeaving = true;
    if (action === "discard") forget();
    form.requestSubmit(document.getElementById(submitter.id)); // its part may have been put in place anew
  } else {
    save(document.activeElement?.id === "q" ? "search" : action);
  }
});

form.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-item]");
  if (event.key !== "Escape" || !event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  if (item) focusOn(item);
  else event.target.blur();
});

addEventListener("pageshow", () => (isLeaving = false));
addEventListener("online", () => hasFailed && save());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && form.hasAttribute("data-autosave")) save();
});

addEventListener("beforeunload", (event) => {
  if (!isLeaving && safe !== typed && (hasFailed || isStopped || !form.hasAttribute("data-autosave"))) event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-theirs]")) return;
  isLeaving = true;
  forget();
});

// ---- dragging ----

let dragged = "";

function dress() {
  for (const grip of document.querySelectorAll(".grip[hidden]")) {
    grip.hidden = false;
    grip.draggable = true;
  }
}

document.addEventListener("dragstart", (event) => {
  const item = event.target.closest?.(".grip")?.closest("[data-position]");
  if (!item) return;
  dragged = item.dataset.item;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(item, 20, 20);
});

document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("[data-position]");
  for (const item of document.querySelectorAll(".over")) item.classList.toggle("over", item === over);
  if (!over) return;
  over.classList.add("over");
  event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const over = dragged && event.target.closest?.("[data-position]");
  if (!over) return;
  event.preventDefault();
  if (over.dataset.item !== dragged) save(`to-${dragged}`, { to: over.dataset.position });
});

document.addEventListener("dragend", () => {
  dragged = "";
  for (const item of document.querySelectorAll(".over")) item.classList.remove("over");
});

// ---- a warning leads to the field that it is about, also where that is folded away ----

document.addEventListener("click", (event) => {
  const link = event.target.closest(".lint a, #errors a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  for (let folded = field.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
  field.focus();
});

// ---- the preview: a frame without an origin, which cannot be read; it opens at the pick that is being written ----

function refresh() {
  const asked = new URLSearchParams(new FormData(look));
  asked.delete("width");
  asked.set("revision", document.getElementById("revision").value);
  const at = document.activeElement?.closest("[data-position]")?.dataset.position;
  frame.contentWindow.location.replace(`${look.action}?${asked}${at ? `#pick-${at}` : ""}`);
}

look.addEventListener("change", ({ target }) => {
  if (target.name !== "width") refresh();
});
document.getElementById("show").hidden = true;

// ---- what could not be saved the last time ----

const before = kept();
if (before && Object.entries(words()).some(([name, value]) => name in before && before[name].trim() !== value.trim())) {
  document.getElementById("kept").hidden = false;
} else {
  forget();
}

document.getElementById("put-back").addEventListener("click", () => {
  for (const [name, value] of Object.entries(before)) {
    const field = form.elements[name];
    if (field && name !== "note") field.value = value;
  }
  document.getElementById("kept").hidden = true;
  typed += 1;
  if (form.hasAttribute("data-autosave")) save("save");
});

document.getElementById("throw-away").addEventListener("click", () => {
  document.getElementById("kept").hidden = true;
  forget();
});

dress();
