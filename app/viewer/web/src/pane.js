// One pane: a picture of one volume in one plane, with everything that is written over it.

import { voxelToScreen } from "./geometry.js";

const SVG = "http://www.w3.org/2000/svg";
const SCALE_BAR_MM = [1, 2, 5, 10, 20, 50, 100, 200];

export class Pane {
  /** `layers`: volumes that may be laid over this one as colours. */
  constructor(volume, plane, layers) {
    this.volume = volume;
    this.plane = plane;
    this.layers = layers;
    this.element = make("div", "pane");
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "img");
    this.picture = make("div", "picture", this.element);
    this.plain = make("canvas", "plain", this.element);
    this.layer = make("canvas", "layer", this.element);
    this.svg = document.createElementNS(SVG, "svg");
    this.element.append(this.svg);
    this.texts = {};
    for (const place of ["title", "slice", "window", "hu", "left", "right", "up", "down", "badge", "scale"]) {
      this.texts[place] = make("div", `text ${place}`, this.element);
    }
    this.texts.badge.textContent = volume.badge;
    this.texts.title.textContent = volume.title;
    for (const side of ["left", "right", "up", "down"]) this.texts[side].textContent = plane.letters[side];
  }

  get size() {
    return [this.element.clientWidth, this.element.clientHeight];
  }

  /** What this pane shows of the common state. */
  view(state) {
    const [width, height] = this.size;
    const fit = Math.min(width / this.plane.widthMm, height / this.plane.heightMm) * 0.98;
    return {
      plane: this.plane,
      width,
      height,
      pxPerMm: fit * state.zoom,
      center: state.centers[this.plane.name],
      slice: state.point[this.plane.next.axis],
      window: state.window,
      slabMm: state.slabMm,
    };
  }

  /** Draw texts and lines; the pictures are drawn by a renderer. */
  annotate(state, view) {
    const { plane, volume, texts } = this;
    const along = plane.next.sign > 0 ? view.slice + 1 : plane.slices - view.slice;
    texts.slice.textContent = `${plane.name} ${along}/${plane.slices}${state.slabMm > 0 ? `, MIP ${state.slabMm} mm` : ""}`;
    texts.window.textContent =
      volume.colours === "grey"
        ? `C ${Math.round(state.window.center)} W ${Math.round(state.window.width)}`
        : volume.colours === "heat"
          ? `0 to ${volume.limitHu} HU`
          : `blue -${volume.limitHu} to orange +${volume.limitHu} HU`;
    texts.hu.textContent = huText(volume, state.pointer);
    this.element.setAttribute("aria-label", `${volume.title}, ${texts.slice.textContent}, ${texts.hu.textContent}`);
    const lines = [];
    if (state.crossHair) lines.push(...crossHair(view, state.point));
    for (const length of state.lengths) if (length.plane === plane.name && length.slice === view.slice) lines.push(...lengthLine(view, length));
    lines.push(...this.scaleBar(view));
    this.svg.replaceChildren(...lines);
  }

  scaleBar(view) {
    const fitting = SCALE_BAR_MM.filter((mm) => mm * view.pxPerMm < view.width / 3);
    const mm = fitting.at(-1) ?? SCALE_BAR_MM[0];
    const [x, y] = [12, view.height - 34];
    const end = x + mm * view.pxPerMm;
    this.texts.scale.textContent = `${mm} mm`;
    return [line("bar", x, y, end, y), line("bar", x, y - 4, x, y + 4), line("bar", end, y - 4, end, y + 4)];
  }
}

function huText(volume, voxel) {
  const hu = voxel ? volume.at(voxel) : undefined;
  if (hu === undefined) return "";
  if (volume.colours === "heat") return `± ${hu} HU`;
  return volume.colours === "difference" && hu > 0 ? `+${hu} HU` : `${hu} HU`;
}

function crossHair(view, voxel) {
  const [x, y] = voxelToScreen(view, voxel);
  const gap = 14; // what is under the cross-hair stays in sight
  return [
    line("cross", 0, y, x - gap, y),
    line("cross", x + gap, y, view.width, y),
    line("cross", x, 0, x, y - gap),
    line("cross", x, y + gap, x, view.height),
  ];
}

function lengthLine(view, { from, to, mm }) {
  const [x1, y1] = voxelToScreen(view, from);
  const [x2, y2] = voxelToScreen(view, to);
  const label = document.createElementNS(SVG, "text");
  label.setAttribute("class", "length");
  label.setAttribute("x", Math.max(x1, x2) + 6);
  label.setAttribute("y", x1 > x2 ? y1 : y2);
  label.textContent = `${mm.toFixed(1)} mm`;
  return [line("length", x1, y1, x2, y2), dot(x1, y1), dot(x2, y2), label];
}

function dot(x, y) {
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("class", "length");
  circle.setAttribute("cx", x);
  circle.setAttribute("cy", y);
  circle.setAttribute("r", 3);
  return circle;
}

function line(kind, x1, y1, x2, y2) {
  const made = document.createElementNS(SVG, "line");
  made.setAttribute("class", kind);
  for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) made.setAttribute(name, value);
  return made;
}

function make(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent?.append(made);
  return made;
}
