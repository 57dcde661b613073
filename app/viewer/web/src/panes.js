// Linked panes of one or more volumes on one grid. Knows nothing of what the volumes are, or where they come from.
//
//   const panes = openPanes(element, {
//     grid: {columns, rows, slices, affine_lps_mm, slices_per_brick},
//     volumes: [
//       {title, bricks: [url, ...], colours: "grey", badge: "text that cannot be hidden"},
//       {title, bricks: [url, ...], colours: "grey"},
//       {title, minus: [1, 0], colours: "difference", limit_hu: 300},              // second volume minus first
//       {title, bricks: [url, ...], colours: "heat", limit_hu: 100, layer_over: 1},  // may be laid over the second
//     ],
//     window: {center, width}, presets: [{name, center, width}, ...], keyboard: true, renderer: "auto", "webgl" or "canvas",
//   });
//   await panes.firstPicture; await panes.ready;
//
// A brick is the int16 little-endian HU of `slices_per_brick` slices. Give `element` a size, and load viewer.css.

import { CanvasRenderer } from "./canvas_renderer.js";
import { Grid, PLANE_NAMES, voxelToScreen } from "./geometry.js";
import { listen } from "./input.js";
import { Pane } from "./pane.js";
import { Volume, loadVolumes } from "./volume.js";

const ZOOM_LIMITS = [0.5, 20];
const WIDTH_LIMITS = [1, 8000]; // HU
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const LOADING_FRAME_MS = 500; // between pictures of volumes that are still filled

export function openPanes(element, options) {
  return new Panes(element, options);
}

/** Whether the browser can draw with WebGL2. */
export function hasWebGL2() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

/** Whether a GPU does: WebGL2 by software is slower than the plain canvas, and takes seconds to begin. */
function hasGpu() {
  const context = document.createElement("canvas").getContext("webgl2");
  const names = context?.getExtension("WEBGL_debug_renderer_info");
  return Boolean(context) && !SOFTWARE.test(context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER));
}

export class Panes extends EventTarget {
  constructor(element, { grid, volumes, window = { center: 40, width: 400 }, presets = [], keyboard = true, renderer = "auto" }) {
    super();
    this.element = element;
    this.grid = new Grid(grid);
    this.volumes = [];
    for (const spec of volumes) this.volumes.push(new Volume(spec, this.grid, this.volumes));
    this.presets = presets;
    this.initial = { ...window };
    this.plain = new CanvasRenderer();
    this.state = { layout: "axial", pointer: null, slabMm: 0, crossHair: false, layer: false, measuring: false, lengths: [] };
    this.resetView();
    this.arrange();
    this.stopListening = listen(this, keyboard);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(element);
    this.aborting = new AbortController();
    this.element.dataset.state = "loading"; // then "picture", then "ready" or "failed"
    this.firstPicture = new Promise((resolve) => (this.showed = resolve));
    this.firstPicture.then(() => (this.element.dataset.state = "picture"));
    this.ready = this.load(renderer);
    this.ready.catch(() => {}); // told by the event "failed" too
  }

  /** "webgl" or "canvas": what draws now. */
  get renderer() {
    return this.webgl ? "webgl" : "canvas";
  }

  get layers() {
    return this.volumes.filter((volume) => volume.layerOver !== undefined);
  }

  async load(renderer) {
    try {
      const start = this.state.point[2];
      await loadVolumes(this.volumes, this.grid, start, (brick) => this.brickCame(brick), this.aborting.signal);
      if (renderer === "webgl" || (renderer === "auto" && hasGpu())) await this.useWebGL();
      this.pictureDue = true;
      this.draw();
      this.showed();
      await this.firstPicture;
      this.element.dataset.state = "ready";
    } catch (error) {
      this.element.dataset.state = "failed";
      this.tell("failed", error.message);
      throw error;
    }
  }

  /** Draw at once what is looked at, and the rest now and then: frames cost more than bricks where there is no GPU. */
  brickCame(brick) {
    const shown = Math.floor(this.state.point[2] / this.grid.slicesPerBrick);
    const due = performance.now() - (this.drawnLoadingMs ?? 0) > LOADING_FRAME_MS;
    if (brick !== shown && !due) return;
    this.drawnLoadingMs = performance.now();
    this.tell("progress", this.share);
    const across = this.state.slabMm > 0 || this.panes.some((pane) => pane.plane.next.axis !== 2); // see many bricks
    this.changed({ picture: brick === shown || across });
    if (this.volumes.every((volume) => volume.has(shown))) requestAnimationFrame(() => this.showed());
  }

  /** Share of all bricks that are here. */
  get share() {
    const fetched = this.volumes.filter((volume) => volume.urls);
    return fetched.reduce((sum, volume) => sum + volume.fetched / volume.bricks.length, 0) / fetched.length;
  }

  async useWebGL() {
    const { WebGLRenderer } = await import("./webgl_renderer.js");
    if (this.aborting.signal.aborted) return;
    try {
      this.webgl = new WebGLRenderer(this.volumes);
      await this.enablePanes();
    } catch (error) {
      this.dropWebGL();
      this.tell("notice", `WebGL2 failed (${error.message}). The pictures are drawn without it; slabs are slower.`);
    }
  }

  dropWebGL() {
    this.webgl?.destroy();
    this.webgl = undefined;
    for (const pane of this.panes) pane.viewport = undefined;
  }

  async enablePanes() {
    for (const pane of this.panes) pane.viewport = await this.webgl.enable(pane.picture, pane.volume);
  }

  /** Make the panes of the layout: one plane of all volumes, or all planes ("all"). */
  arrange() {
    for (const pane of this.panes ?? []) if (pane.viewport) this.webgl.disable(pane.viewport);
    const { layout } = this.state;
    const planes = layout === "all" ? PLANE_NAMES : [layout];
    this.panes = planes.flatMap((name) =>
      this.volumes.map((volume, index) => {
        const layers = this.layers.filter((layer) => layer.layerOver === index);
        return new Pane(volume, this.grid.planes[name], layers);
      }),
    );
    this.element.classList.add("panes");
    this.fit(planes);
    this.element.replaceChildren(...this.panes.map((pane) => pane.element));
  }

  /** Give the panes whole numbers of pixels: a canvas at a half pixel is drawn blurred. */
  fit(planes = this.state.layout === "all" ? PLANE_NAMES : [this.state.layout]) {
    const style = getComputedStyle(this.element);
    const { left, top } = this.element.getBoundingClientRect();
    const [besides, above] = [left, top].map((place) => Math.ceil(place) - place);
    this.element.style.padding = `${above}px 0 0 ${besides}px`;
    const space = (size, gap, count) => Math.max(0, size - (count - 1) * parseFloat(gap || 0));
    const heights = planes.map((name) => this.grid.planes[name].heightMm);
    const shares = heights.map((mm) => Math.max(mm, 0.4 * Math.max(...heights))); // a scan of few slices is still read
    const whole = shares.reduce((sum, share) => sum + share, 0);
    const width = space(this.element.clientWidth - besides, style.columnGap, this.volumes.length) / this.volumes.length;
    const height = space(this.element.clientHeight - above, style.rowGap, planes.length);
    this.element.style.gridTemplateColumns = `repeat(${this.volumes.length}, ${Math.floor(width)}px)`;
    this.element.style.gridTemplateRows = shares.map((share) => `${Math.floor((height * share) / whole)}px`).join(" ");
  }

  async setLayout(layout) {
    if (layout === this.state.layout) return;
    const focused = this.panes.findIndex((pane) => pane.element === document.activeElement);
    this.state.layout = layout;
    this.arrange();
    if (focused >= 0) this.panes[focused % this.panes.length].element.focus();
    this.changed(); // the plain canvas at once
    if (this.webgl) await this.enablePanes();
    this.changed();
  }

  resetView() {
    this.state.window = { ...this.initial };
    this.state.zoom = 1;
    this.state.slabMm = 0;
    this.state.point = this.grid.middle;
    this.state.centers = Object.fromEntries(PLANE_NAMES.map((name) => [name, this.grid.size.map((count) => (count - 1) / 2)]));
    this.changed();
  }

  setWindow({ center, width }) {
    this.state.window = { center, width: clamp(width, WIDTH_LIMITS) };
    this.changed();
  }

  setPreset(index) {
    if (this.presets[index]) this.setWindow(this.presets[index]);
  }

  setSlab(mm) {
    this.state.slabMm = clamp(Math.round(mm), [0, 100]);
    this.changed();
  }

  setZoom(zoom) {
    this.state.zoom = clamp(zoom, ZOOM_LIMITS);
    this.changed();
  }

  /** Shift all panes of a plane, in CSS px. */
  pan(pane, dx, dy) {
    const { plane } = pane;
    const { pxPerMm } = pane.view(this.state);
    const center = this.state.centers[plane.name];
    for (const [{ axis, sign, mm }, shift] of [[plane.right, dx], [plane.down, dy]]) {
      center[axis] = clamp(center[axis] - (sign * shift) / (pxPerMm * mm), [0, this.grid.size[axis] - 1]);
    }
    this.changed();
  }

  /** Put the cross-hair on a voxel, and so all panes on its slices. */
  setPoint(voxel) {
    this.state.point = voxel.map((index, axis) => clamp(Math.round(index), [0, this.grid.size[axis] - 1]));
    this.changed();
  }

  /** Go on by slices of a pane's plane. */
  scroll(pane, steps) {
    const { axis, sign } = pane.plane.next;
    const point = [...this.state.point];
    point[axis] += sign * steps;
    this.setPoint(point);
    if (this.state.pointer) {
      this.state.pointer[axis] = this.state.point[axis];
      this.changed();
    }
  }

  setPointer(voxel) {
    this.state.pointer = voxel;
    this.changed({ picture: false });
  }

  toggle(name) {
    this.state[name] = !this.state[name];
    this.changed();
  }

  addLength(pane, from, to) {
    const [a, b] = [from, to].map((voxel) => this.grid.toWorld(voxel));
    const mm = Math.hypot(...a.map((value, i) => value - b[i]));
    this.state.lengths.push({ plane: pane.plane.name, slice: this.state.point[pane.plane.next.axis], from, to, mm });
    this.changed();
    return this.state.lengths.at(-1);
  }

  removeLengths() {
    this.state.lengths = [];
    this.changed();
  }

  resized() {
    this.fit();
    if (this.webgl) this.webgl.resize();
    this.changed();
  }

  /** Draw in the next frame; `picture` false: texts and lines alone. */
  changed({ picture = true } = {}) {
    this.pictureDue ||= picture;
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  draw() {
    for (const pane of this.panes) {
      const view = pane.view(this.state);
      if (view.width === 0 || view.height === 0) continue;
      if (this.pictureDue) this.drawPicture(pane, view);
      pane.annotate(this.state, view);
    }
    this.pictureDue = false;
    this.tell("drawn");
  }

  drawPicture(pane, view) {
    pane.element.classList.toggle("by-webgl", Boolean(pane.viewport));
    if (pane.viewport) this.webgl.draw(pane.viewport, pane.volume, view);
    else this.plain.draw(pane.plain, pane.volume, view);
    const layer = this.state.layer ? pane.layers[0] : undefined;
    pane.layer.hidden = !layer;
    if (layer) this.plain.drawLayer(pane.layer, layer, view);
  }

  /** Where a voxel is on the page, for tests and tools: CSS px from the top left of the pane. */
  place(pane, voxel) {
    return voxelToScreen(pane.view(this.state), voxel);
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  destroy() {
    this.aborting.abort();
    this.stopListening();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.dropWebGL();
    this.element.replaceChildren();
  }
}

function clamp(value, [low, high]) {
  return Math.min(high, Math.max(low, value));
}
