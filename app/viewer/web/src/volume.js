// HU volumes in memory: fetched in bricks, or the difference of two others.

const PARALLEL_REQUESTS = 4;
const LONGEST_PAINT_MS = 1000;
const NO_HU = -32768; // of slices that have not come yet; black in every window

/** A volume of the grid, kept in bricks. `spec` as in `openPanes`; `volumes` are those before it. */
export class Volume {
  constructor(spec, grid, volumes) {
    this.grid = grid;
    this.title = spec.title;
    this.badge = spec.badge ?? "";
    this.colours = spec.colours ?? "grey";
    this.limitHu = spec.limit_hu ?? 300;
    this.layerOver = spec.layer_over;
    this.urls = spec.bricks;
    this.minus = spec.minus?.map((index) => volumes[index]);
    this.bricks = Array(Math.ceil(grid.size[2] / grid.slicesPerBrick));
    this.fetched = 0;
  }

  /** Whether the HU of a brick are here. */
  has(brick) {
    return this.minus ? this.minus.every((volume) => volume.has(brick)) : Boolean(this.bricks[brick]);
  }

  /** HU of a brick, undefined where they have not come; a difference is made when it is first looked at. */
  brick(brick) {
    if (this.minus && !this.bricks[brick] && this.has(brick)) this.bricks[brick] = difference(...this.minus.map((volume) => volume.brick(brick)));
    return this.bricks[brick];
  }

  put(brick, hu) {
    const slices = Math.min(this.grid.slicesPerBrick, this.grid.size[2] - brick * this.grid.slicesPerBrick);
    const voxels = slices * this.voxelsPerSlice;
    if (hu.length !== voxels) throw new Error(`A brick of ${this.title} has ${hu.length} voxels instead of ${voxels}.`);
    this.bricks[brick] = hu;
    this.fetched++;
  }

  get voxelsPerSlice() {
    return this.grid.size[0] * this.grid.size[1];
  }

  /** HU of a slice of the grid, undefined where it has not come. */
  slice(k) {
    const { slicesPerBrick } = this.grid;
    const start = (k % slicesPerBrick) * this.voxelsPerSlice;
    return this.brick(Math.floor(k / slicesPerBrick))?.subarray(start, start + this.voxelsPerSlice);
  }

  /** HU of a voxel, undefined where it has not come or is outside. */
  at(voxel) {
    const [i, j, k] = voxel.map(Math.round);
    return this.grid.holds([i, j, k]) ? this.slice(k)?.[i + this.grid.size[0] * j] : undefined;
  }

  /** HU of all slices in one array, of which the bricks are parts from now on. All must be here. */
  whole() {
    const hu = new Int16Array(this.voxelsPerSlice * this.grid.size[2]);
    const perBrick = this.voxelsPerSlice * this.grid.slicesPerBrick;
    for (let brick = 0; brick < this.bricks.length; brick++) {
      hu.set(this.brick(brick), brick * perBrick);
      this.bricks[brick] = hu.subarray(brick * perBrick, (brick + 1) * perBrick);
    }
    return hu;
  }

  /**
   * A cut through the volume, or the maximum over a slab around it.
   * Returns {data, width, height}: voxels along the plane's right and down axes, in grid order.
   */
  cut(plane, slice, slabMm) {
    const version = this.minus ? this.minus[0].fetched + this.minus[1].fetched : this.fetched;
    const key = `${plane.name} ${slice} ${slabMm} ${version}`;
    this.cuts ??= new Map();
    const known = this.cuts.get(key);
    if (known) return known;
    const half = slabMm > 0 ? Math.floor(slabMm / 2 / plane.next.mm) : 0;
    const from = Math.max(0, slice - half);
    const to = Math.min(plane.slices - 1, slice + half);
    const made = this.maximum(plane, from, to);
    if (this.cuts.size > 8) this.cuts.delete(this.cuts.keys().next().value);
    this.cuts.set(key, made);
    return made;
  }

  maximum(plane, from, to) {
    const width = this.grid.size[plane.right.axis];
    const height = this.grid.size[plane.down.axis];
    const seen = (data) => ({ data, width, height });
    if (plane.next.axis !== 2) return seen(this.across(plane, from, to, width, height));
    const first = this.slice(from);
    if (from === to && first) return seen(first);
    const data = new Int16Array(width * height).fill(NO_HU);
    for (let k = from; k <= to; k++) {
      const hu = this.slice(k) ?? [];
      for (let i = 0; i < hu.length; i++) if (hu[i] > data[i]) data[i] = hu[i];
    }
    return seen(data);
  }

  /** The maximum over a slab that every slice of the grid crosses. */
  across(plane, from, to, width, height) {
    const data = new Int16Array(width * height).fill(NO_HU);
    const strides = [1, this.grid.size[0]];
    const through = strides[plane.next.axis];
    const slicesRun = plane.right.axis === 2 ? "right" : "down";
    const along = slicesRun === "right" ? plane.down : plane.right;
    const [perSlice, perVoxel] = slicesRun === "right" ? [1, width] : [width, 1];
    for (let k = 0; k < this.grid.size[2]; k++) {
      const hu = this.slice(k);
      if (!hu) continue;
      for (let u = 0, target = k * perSlice; u < this.grid.size[along.axis]; u++, target += perVoxel) {
        let place = u * strides[along.axis] + from * through;
        let largest = hu[place];
        for (let n = from; n < to; n++) {
          place += through;
          if (hu[place] > largest) largest = hu[place];
        }
        data[target] = largest;
      }
    }
    return data;
  }
}

function difference(minuend, subtrahend) {
  const hu = new Int16Array(minuend.length);
  for (let i = 0; i < hu.length; i++) hu[i] = Math.max(-32767, Math.min(32767, minuend[i] - subtrahend[i]));
  return hu;
}

/**
 * Fetch all volumes, the bricks nearest to a slice of the grid first.
 * Calls `onBrick` with the number of each brick; rejects with the server's message when one cannot be had.
 */
export async function loadVolumes(volumes, grid, firstSlice, onBrick, signal) {
  const start = Math.floor(firstSlice / grid.slicesPerBrick);
  const count = Math.ceil(grid.size[2] / grid.slicesPerBrick);
  const order = [...Array(count).keys()].sort((a, b) => Math.abs(a - start) - Math.abs(b - start));
  const fetched = volumes.filter((volume) => volume.urls);
  const jobs = order.flatMap((brick) => fetched.map((volume) => ({ volume, brick })));
  async function work(jobs) {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { volume, brick } = job;
      volume.put(brick, await fetchBrick(volume.urls[brick], signal));
      onBrick(brick);
    }
  }
  const workers = (jobs) => Promise.all(Array.from({ length: PARALLEL_REQUESTS }, () => work(jobs)));
  await workers(jobs.splice(0, fetched.length)); // the first picture shares the machine with nothing
  await painted();
  await workers(jobs);
}

/** Wait until what was drawn is on the screen; not for long, since a page that is hidden paints nothing. */
function painted() {
  const frames = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return Promise.race([frames, new Promise((done) => setTimeout(done, LONGEST_PAINT_MS))]);
}

async function fetchBrick(url, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.message ?? `The server answered ${answer.status}.`);
  }
  return new Int16Array(await answer.arrayBuffer()); // little-endian, as every browser's machine is
}
