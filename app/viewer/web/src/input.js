// Mouse, wheel and keys on the panes. KEYS is the help that the page shows.

import { screenToVoxel } from "./geometry.js";

const CLICK_PX = 4;

export const KEYS = [
  ["wheel, ↑ ↓", "slice by slice"],
  ["Page ↑ ↓, Home, End", "ten slices, first, last"],
  ["drag", "window: left and right width, up and down centre"],
  ["1 to 5", "windows: CTA, soft tissue, lung, bone, wide"],
  ["[ ]   , .", "window narrower, wider; centre lower, higher"],
  ["right drag, Ctrl + wheel, + −", "zoom"],
  ["Shift + drag, Shift + arrows", "move the picture"],
  ["click, Ctrl + arrows", "set the cross-hair; other planes follow"],
  ["A  C  S  G", "axial, coronal, sagittal, all three"],
  ["T, Shift + T", "slab MIP thicker, thinner (5 mm)"],
  ["X", "cross-hair on or off"],
  ["U", "uncertainty as a colour layer, if there is one"],
  ["M", "measure a length: drag, or set the cross-hair and press M at both ends"],
  ["Delete", "remove all lengths"],
  ["R", "reset the view"],
];

/** Connect a `Panes` to its element; returns what disconnects it. */
export function listen(panes, keyboard) {
  const listeners = new AbortController();
  const { signal } = listeners;
  const on = (target, type, handle, options = {}) => target.addEventListener(type, handle, { signal, ...options });
  let drag = null;

  on(panes.element, "contextmenu", (event) => event.preventDefault());
  on(
    panes.element,
    "wheel",
    (event) => {
      const pane = paneOf(panes, event);
      if (!pane) return;
      event.preventDefault();
      const direction = Math.sign(event.deltaY);
      if (event.ctrlKey) panes.setZoom(panes.state.zoom * (direction > 0 ? 1 / 1.1 : 1.1));
      else panes.scroll(pane, direction);
    },
    { passive: false },
  );
  on(panes.element, "pointerdown", (event) => {
    const pane = paneOf(panes, event);
    if (!pane) return;
    pane.element.focus({ preventScroll: true });
    event.preventDefault();
    pane.element.setPointerCapture(event.pointerId);
    drag = { pane, kind: kindOf(event, panes.state), x: event.clientX, y: event.clientY, moved: 0 };
    if (drag.kind === "measure") drag.from = voxelAt(panes, pane, event);
  });
  on(panes.element, "pointermove", (event) => {
    const pane = drag?.pane ?? paneOf(panes, event);
    panes.setPointer(pane ? voxelAt(panes, pane, event) : null);
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    [drag.x, drag.y] = [event.clientX, event.clientY];
    drag.moved += Math.abs(dx) + Math.abs(dy);
    if (drag.moved > CLICK_PX) DRAGS[drag.kind](panes, drag, dx, dy, event);
  });
  on(panes.element, "pointerup", (event) => {
    if (drag && drag.moved <= CLICK_PX && event.button === 0 && drag.kind !== "measure") panes.setPoint(voxelAt(panes, drag.pane, event));
    drag = null;
  });
  on(panes.element, "pointercancel", () => (drag = null));
  on(panes.element, "pointerleave", () => panes.setPointer(null));
  if (keyboard) on(document, "keydown", (event) => pressed(panes, event));
  return () => listeners.abort();
}

function kindOf(event, state) {
  if (event.button === 1 || event.shiftKey) return "pan";
  if (event.button === 2) return "zoom";
  return state.measuring ? "measure" : "window";
}

const DRAGS = {
  window: (panes, drag, dx, dy) => {
    const { center, width } = panes.state.window;
    const speed = Math.max(1, width / 400);
    panes.setWindow({ center: center + dy * speed, width: width + dx * speed * 2 });
  },
  pan: (panes, drag, dx, dy) => panes.pan(drag.pane, dx, dy),
  zoom: (panes, drag, dx, dy) => panes.setZoom(panes.state.zoom * Math.exp(-dy / 150)),
  measure: (panes, drag, dx, dy, event) => {
    if (drag.length) panes.state.lengths.splice(panes.state.lengths.indexOf(drag.length), 1);
    drag.length = panes.addLength(drag.pane, drag.from, voxelAt(panes, drag.pane, event));
  },
};

function paneOf(panes, event) {
  return panes.panes.find((pane) => pane.element.contains(event.target));
}

function voxelAt(panes, pane, event) {
  const { left, top } = pane.element.getBoundingClientRect();
  return screenToVoxel(pane.view(panes.state), event.clientX - left, event.clientY - top);
}

function pressed(panes, event) {
  if (event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const pane = panes.panes.find((each) => each.element === document.activeElement) ?? panes.panes[0];
  const act = action(panes, pane, event);
  if (!act) return;
  event.preventDefault();
  act();
}

function action(panes, pane, event) {
  const { state } = panes;
  const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (arrow && event.shiftKey) return () => panes.pan(pane, arrow[0] * -20, arrow[1] * -20);
  if (arrow && event.ctrlKey) return () => moveCrossHair(panes, pane, arrow);
  if (event.ctrlKey) return undefined;
  if (/^[1-9]$/.test(event.key) && panes.presets[event.key - 1]) return () => panes.setPreset(event.key - 1);
  const window = (centerBy, widthBy) => () => panes.setWindow({ center: state.window.center + centerBy, width: state.window.width + widthBy });
  return {
    ArrowUp: () => panes.scroll(pane, -1),
    ArrowDown: () => panes.scroll(pane, 1),
    PageUp: () => panes.scroll(pane, -10),
    PageDown: () => panes.scroll(pane, 10),
    Home: () => panes.scroll(pane, -pane.plane.slices),
    End: () => panes.scroll(pane, pane.plane.slices),
    "+": () => panes.setZoom(state.zoom * 1.2),
    "=": () => panes.setZoom(state.zoom * 1.2),
    "-": () => panes.setZoom(state.zoom / 1.2),
    "[": window(0, -20),
    "]": window(0, 20),
    ",": window(-20, 0),
    ".": window(20, 0),
    a: () => panes.setLayout("axial"),
    c: () => panes.setLayout("coronal"),
    s: () => panes.setLayout("sagittal"),
    g: () => panes.setLayout("all"),
    t: () => panes.setSlab(state.slabMm + (event.shiftKey ? -5 : 5)),
    x: () => panes.toggle("crossHair"),
    u: panes.layers.length ? () => panes.toggle("layer") : undefined,
    m: () => measureByKey(panes, pane),
    Delete: () => panes.removeLengths(),
    r: () => panes.resetView(),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key]; // Caps Lock gives capitals
}

function moveCrossHair(panes, pane, [right, down]) {
  const point = [...panes.state.point];
  point[pane.plane.right.axis] += right * pane.plane.right.sign;
  point[pane.plane.down.axis] += down * pane.plane.down.sign;
  panes.state.crossHair = true;
  panes.setPoint(point);
  panes.setPointer([...panes.state.point]);
}

/** The first press remembers the cross-hair, the second draws the length to where it is then. */
function measureByKey(panes, pane) {
  const { state } = panes;
  const end = [...state.point];
  if (state.lengthFrom && state.crossHair) {
    if (state.lengthFrom.some((index, axis) => index !== end[axis])) panes.addLength(pane, state.lengthFrom, end);
    state.lengthFrom = undefined;
    state.measuring = false;
  } else {
    state.lengthFrom = state.crossHair ? end : undefined;
    state.measuring = !state.measuring;
  }
  panes.changed();
}
