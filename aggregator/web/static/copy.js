// Copies what stands on the page: rich text as readers see it, or Markdown. Without it, people select and copy by hand.

import { say } from "./desk.js";

const DONE = { rich: "The rich text is copied.", markdown: "The Markdown is copied." };

function select(element) {
  if (element.select) return element.select();
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

// A copy of what was selected would carry our style with it; what is put here instead carries none.
async function copy(name) {
  const element = document.getElementById(name);
  select(element);
  const forms = { "text/plain": element.value ?? element.innerText };
  if (name === "rich") forms["text/html"] = element.innerHTML.trim();
  const wanted = ({ clipboardData }) => {
    for (const [type, text] of Object.entries(forms)) clipboardData.setData(type, text);
  };
  const fill = (event) => {
    wanted(event);
    event.preventDefault();
  };
  document.addEventListener("copy", fill, { once: true });
  const isDone = document.execCommand("copy"); // needs no permission, and no https
  document.removeEventListener("copy", fill);
  say(isDone ? DONE[name] : "That could not be copied. It is selected: copy it with your keyboard.", !isDone);
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button.dataset.copies));
}
