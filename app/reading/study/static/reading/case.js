// The reading page: the scan in the viewer's panes, questions by keys, and an answer that survives a bad connection.

import { openPanes } from "/static/viewer/panes.js";
import { ActiveTime } from "./active_time.js";
import { Questions } from "./questions.js";
import { post } from "./post.js";

const DRAFT_EVERY_MS = 15000;
const RETRY_MS = 3000;
const KEYS = [
  ["1 to 5", "answer the marked question and go to the next"],
  ["N, B", "next and previous question"],
  ["Enter", "submit, when all questions are answered"],
  ["W", "next window"],
  ["↑ ↓, Page ↑ ↓, Home, End, wheel", "slices"],
  ["A C S G", "axial, coronal, sagittal, all three"],
  ["[ ] , .", "window narrower, wider; centre lower, higher"],
  ["+ −, Shift + arrows", "zoom, move"],
  ["T, Shift + T", "slab MIP thicker, thinner"],
  ["X, Ctrl + arrows", "cross-hair"],
  ["M, Delete", "measure a length (press at both ends), remove lengths"],
  ["R", "reset the view"],
];

const byId = (id) => document.getElementById(id);
const page = JSON.parse(byId("case").textContent);
const questions = new Questions(byId("questions"), page.draft);
const time = new ActiveTime(page.seconds);
let window_ = 0;
let sending = false;
let keeping = false;
let changedSince = false;

const panes = openPanes(byId("panes"), {
  grid: page.grid,
  volumes: [{ title: "", bricks: page.bricks, colours: "grey" }],
  window: page.windows[0],
  presets: [],
});
globalThis.panes = panes; // for tests

const say = (text) => (byId("status").textContent = text);
const state = () => ({
  values: questions.values,
  seconds: time.seconds,
  screen: `${screen.width}x${screen.height}@${devicePixelRatio}`,
  renderer: panes.renderer,
});

function changed() {
  byId("submit").disabled = !questions.complete;
  say(questions.complete ? "Complete. Press Enter to submit; answers cannot be changed afterwards." : "");
  keepDraft();
}

// One at a time: an earlier draft that arrives late must not replace a later one.
async function keepDraft() {
  changedSince = true;
  if (keeping || !page.draft_url) return;
  keeping = true;
  while (changedSince && !sending) {
    changedSince = false;
    await post(page.draft_url, state()).catch(() => {}); // the next one may arrive
  }
  keeping = false;
}

async function submit() {
  if (sending || !questions.complete) return;
  sending = true;
  byId("submit").disabled = true;
  say("Sending");
  for (;;) {
    try {
      const { status, body } = await post(page.answer_url, state());
      if (status === 200) return location.replace(body.next);
      if (status < 500) {
        sending = false;
        byId("submit").disabled = false;
        return say(body.message ?? `The server refused the answer (${status}). Load the page again.`);
      }
    } catch {
      // no connection: told below, tried again
    }
    say("The server does not answer. Your choices stay on this page; trying again.");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function nextWindow() {
  window_ = (window_ + 1) % page.windows.length;
  panes.setWindow(page.windows[window_]);
  showWindow();
}

function showWindow() {
  const { name, center, width } = page.windows[window_];
  byId("window-name").textContent = `${name} ${center}/${width}`;
}

function focusScan() {
  panes.panes[0].element.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || byId("help").open) return;
  const key = event.key.toLowerCase();
  const act = {
    n: () => questions.move(1),
    b: () => questions.move(-1),
    w: nextWindow,
    "?": () => byId("help").showModal(),
    enter: event.target.tagName === "BUTTON" ? undefined : submit,
  }[key];
  if (/^[1-9]$/.test(key)) questions.choose(Number(key));
  else if (act) act();
  else return;
  event.preventDefault();
});
byId("questions").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
questions.onChange = () => {
  changed();
  focusScan();
};
byId("keys").append(
  ...KEYS.map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  }),
);
panes.addEventListener("failed", ({ detail }) => say(`The scan cannot be loaded: ${detail} Load the page again.`));
panes.ready.then(() => changed());
setInterval(keepDraft, DRAFT_EVERY_MS);
showWindow();
focusScan();
