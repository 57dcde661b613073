// Draws a pane on a plain canvas: the first picture while bricks still come, and everything where there is no GPU.

import { colourTable, rangeOf } from "./colours.js";
import { screenToVoxel } from "./geometry.js";

const BACKGROUND = 0xff000000;

export class CanvasRenderer {
  constructor() {
    this.tables = new Map();
  }

  /** Draw a volume into a canvas of view.width x view.height CSS px. */
  draw(canvas, volume, view) {
    const [width, height] = deviceSize(canvas, view);
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const table = this.table(volume.colours, rangeOf(volume, view.window));
    sample(new Uint32Array(image.data.buffer), width, height, volume.cut(view.plane, view.slice, view.slabMm), view, table, BACKGROUND);
    context.putImageData(image, 0, 0);
  }

  /** Draw a volume as a colour layer that is clear where it is low. */
  drawLayer(canvas, volume, view) {
    const [width, height] = deviceSize(canvas, view);
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const table = this.table(volume.colours, rangeOf(volume, view.window), (share) => Math.min(0.6, 1.2 * share));
    sample(new Uint32Array(image.data.buffer), width, height, volume.cut(view.plane, view.slice, view.slabMm), view, table, 0);
    context.putImageData(image, 0, 0);
  }

  table(colours, range, alphaOf) {
    const key = `${colours} ${range} ${alphaOf ? "layer" : ""}`;
    if (!this.tables.has(key)) {
      if (this.tables.size > 8) this.tables.clear();
      this.tables.set(key, colourTable(colours, range, alphaOf));
    }
    return this.tables.get(key);
  }
}

function deviceSize(canvas, view) {
  const ratio = globalThis.devicePixelRatio || 1;
  const size = [Math.max(1, Math.round(view.width * ratio)), Math.max(1, Math.round(view.height * ratio))];
  if (canvas.width !== size[0]) canvas.width = size[0];
  if (canvas.height !== size[1]) canvas.height = size[1];
  return size;
}

/** Linear interpolation of HU between voxel centres, then the colour. */
function sample(pixels, width, height, cut, view, table, background) {
  const across = steps(width, view, view.plane.right, (share) => [share * view.width, 0], cut.width);
  const below = steps(height, view, view.plane.down, (share) => [0, share * view.height], cut.height);
  const { data } = cut;
  for (let y = 0, target = 0; y < height; y++) {
    const upper = below.first[y] * cut.width;
    const lower = below.second[y] * cut.width;
    const v = below.part[y];
    for (let x = 0; x < width; x++, target++) {
      if (upper < 0 || across.first[x] < 0) {
        pixels[target] = background;
        continue;
      }
      const u = across.part[x];
      const top = data[upper + across.first[x]] * (1 - u) + data[upper + across.second[x]] * u;
      const bottom = data[lower + across.first[x]] * (1 - u) + data[lower + across.second[x]] * u;
      pixels[target] = table[Math.round(top * (1 - v) + bottom * v) + 32768];
    }
  }
}

/** For each device pixel along a direction the two voxels that it lies between; -1 outside the volume. */
function steps(pixels, view, { axis }, place, count) {
  const first = new Int32Array(pixels);
  const second = new Int32Array(pixels);
  const part = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const index = screenToVoxel(view, ...place((i + 0.5) / pixels))[axis];
    if (index < -0.5 || index > count - 0.5) {
      first[i] = -1;
      continue;
    }
    const inside = Math.min(count - 1, Math.max(0, index));
    first[i] = Math.floor(inside);
    second[i] = Math.min(count - 1, first[i] + 1);
    part[i] = inside - first[i];
  }
  return { first, second, part };
}
