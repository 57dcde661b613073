// The page of the viewer: the list of results, or one result with its panes, tools and record.

import { KEYS } from "./input.js";
import { hasWebGL2, openPanes } from "./panes.js";
import { fillRecord } from "./record.js";

const byId = (id) => document.getElementById(id);

async function start() {
  const query = new URLSearchParams(location.search);
  const list = await getJson("results.json");
  const chosen = query.get("result") ?? (list.length === 1 ? "0" : null);
  if (chosen === null) showList(list);
  else await showResult(chosen, list, query.get("renderer") ?? "auto");
}

async function getJson(url) {
  const answer = await fetch(url);
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content.message ?? `The server answered ${answer.status}.`);
  return content;
}

function showList(list) {
  byId("list").hidden = false;
  byId("list-rows").replaceChildren(
    ...list.map((result, number) => {
      const row = document.createElement("tr");
      const link = document.createElement("a");
      link.href = `?result=${number}`;
      link.textContent = result.name;
      row.append(cell(link), cell(result.slices), cell(result.raised_ml ?? ""), cell(result.warnings || ""));
      return row;
    }),
  );
}

function cell(content) {
  const made = document.createElement("td");
  made.append(content);
  return made;
}

async function showResult(number, list, renderer) {
  byId("result").hidden = false;
  const result = await getJson(`result/${number}.json`);
  document.title = `${result.name} - Syn-CTA viewer`;
  byId("name").textContent = result.name;
  byId("back").hidden = list.length === 1;
  fillRecord(byId("record"), result);
  notices(result.notices);
  const panes = openPanes(byId("panes"), {
    grid: result.grid,
    volumes: result.volumes,
    window: result.windows[0],
    presets: result.windows,
    renderer,
  });
  globalThis.viewer = panes; // for tests, and for people with a console
  connectTools(panes, result);
  panes.addEventListener("failed", ({ detail }) => notices([detail]));
  panes.addEventListener("notice", ({ detail }) => notices([detail]));
  panes.addEventListener("progress", ({ detail }) => (byId("progress").value = detail));
  panes.panes[0].element.focus();
  await panes.ready;
  byId("progress").hidden = true;
  if (!hasWebGL2()) notices(["This browser has no WebGL2. The pictures are drawn without it; slabs are slower."]);
}

function notices(texts) {
  for (const text of texts) {
    const line = document.createElement("p");
    line.textContent = text;
    byId("notices").append(line);
  }
}

function connectTools(panes, result) {
  const windows = byId("windows");
  windows.append(new Option("custom window", ""));
  result.windows.forEach(({ name, center, width }, i) => windows.append(new Option(`${i + 1}  ${name}  ${center}/${width}`, i)));
  windows.addEventListener("change", () => windows.value && panes.setPreset(windows.value));
  byId("slab").addEventListener("change", (event) => panes.setSlab(Number(event.target.value)));
  for (const button of document.querySelectorAll("[data-layout]")) {
    button.addEventListener("click", () => panes.setLayout(button.dataset.layout));
  }
  for (const button of document.querySelectorAll("[data-toggle]")) {
    button.addEventListener("click", () => panes.toggle(button.dataset.toggle));
  }
  document.querySelector('[data-toggle="layer"]').hidden = panes.layers.length === 0;
  byId("reset").addEventListener("click", () => panes.resetView());
  const help = byId("help");
  byId("keys").append(
    ...KEYS.map(([keys, what]) => {
      const row = document.createElement("tr");
      row.append(cell(keys), cell(what));
      return row;
    }),
  );
  const toggleHelp = () => (help.open ? help.close() : help.showModal());
  byId("help-button").addEventListener("click", toggleHelp);
  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && event.target.tagName !== "INPUT") toggleHelp();
  });
  panes.addEventListener("drawn", () => showState(panes));
}

function showState(panes) {
  const { state } = panes;
  const { center, width } = state.window;
  const preset = panes.presets.findIndex((each) => each.center === center && each.width === width);
  byId("windows").value = preset < 0 ? "" : preset;
  if (document.activeElement !== byId("slab")) byId("slab").value = state.slabMm;
  for (const button of document.querySelectorAll("[data-layout]")) button.ariaPressed = button.dataset.layout === state.layout;
  for (const button of document.querySelectorAll("[data-toggle]")) button.ariaPressed = Boolean(state[button.dataset.toggle]);
}

start().catch((error) => notices([error.message]));
