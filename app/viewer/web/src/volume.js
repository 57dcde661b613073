// HU volumes in memory: fetched in bricks, or computed from two others brick by brick.

const PARALLEL_REQUESTS = 4;
const NO_HU = -32768; // of slices that have not come yet; black in every window

/** A volume of the grid. `spec` as in `openPanes`. */
export class Volume {
  constructor(spec, grid) {
    this.grid = grid;
    this.title = spec.title;
    this.badge = spec.badge ?? "";
    this.colours = spec.colours ?? "grey";
    this.limitHu = spec.limit_hu ?? 300;
    this.layerOver = spec.layer_over;
    this.bricks = spec.bricks;
    this.minus = spec.minus;
    const [columns, rows, slices] = grid.size;
    this.hu = new Int16Array(columns * rows * slices).fill(NO_HU);
    this.loaded = new Uint8Array(Math.ceil(slices / grid.slicesPerBrick));
    this.version = 0; // rises with each brick
  }

  get complete() {
    return this.loaded.every(Boolean);
  }

  /** HU of a voxel, undefined where it has not come or is outside. */
  at(voxel) {
    const [i, j, k] = voxel.map(Math.round);
    if (!this.grid.holds([i, j, k]) || !this.loaded[Math.floor(k / this.grid.slicesPerBrick)]) return undefined;
    return this.hu[i + this.grid.size[0] * (j + this.grid.size[1] * k)];
  }

  range(brick) {
    const [columns, rows, slices] = this.grid.size;
    const first = brick * this.grid.slicesPerBrick;
    const last = Math.min(first + this.grid.slicesPerBrick, slices);
    return [first * columns * rows, last * columns * rows];
  }

  put(brick, hu) {
    const [start, end] = this.range(brick);
    if (hu.length !== end - start) throw new Error(`A brick of ${this.title} has ${hu.length} voxels instead of ${end - start}.`);
    this.hu.set(hu, start);
    this.loaded[brick] = 1;
    this.version++;
  }

  subtract(brick, minuend, subtrahend) {
    const [start, end] = this.range(brick);
    for (let i = start; i < end; i++) this.hu[i] = Math.max(-32767, Math.min(32767, minuend.hu[i] - subtrahend.hu[i]));
    this.loaded[brick] = 1;
    this.version++;
  }

  /**
   * A cut through the volume, or the maximum over a slab around it.
   * Returns {data, width, height}: voxels along the plane's right and down axes, in grid order.
   */
  cut(plane, slice, slabMm) {
    const key = `${plane.name} ${slice} ${slabMm} ${this.version}`;
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
    const strides = [1, this.grid.size[0], this.grid.size[0] * this.grid.size[1]];
    const width = this.grid.size[plane.right.axis];
    const height = this.grid.size[plane.down.axis];
    const [across, below, through] = [plane.right, plane.down, plane.next].map(({ axis }) => strides[axis]);
    if (from === to && across === 1 && below === width) {
      const start = from * through;
      return { data: this.hu.subarray(start, start + width * height), width, height };
    }
    const data = new Int16Array(width * height);
    for (let v = 0, target = 0; v < height; v++) {
      for (let u = 0; u < width; u++, target++) {
        let place = u * across + v * below + from * through;
        let largest = this.hu[place];
        for (let n = from; n < to; n++) {
          place += through;
          if (this.hu[place] > largest) largest = this.hu[place];
        }
        data[target] = largest;
      }
    }
    return { data, width, height };
  }
}

/**
 * Fetch all volumes, the bricks nearest to a slice of the grid first.
 * Calls `onBrick` with the number of each brick; rejects with the server's message when one cannot be had.
 */
export async function loadVolumes(volumes, grid, firstSlice, onBrick, signal) {
  const start = Math.floor(firstSlice / grid.slicesPerBrick);
  const count = Math.ceil(grid.size[2] / grid.slicesPerBrick);
  const order = [...Array(count).keys()].sort((a, b) => Math.abs(a - start) - Math.abs(b - start));
  const fetched = volumes.filter((volume) => volume.bricks);
  const jobs = order.flatMap((brick) => fetched.map((volume) => ({ volume, brick })));
  async function work(jobs) {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { volume, brick } = job;
      volume.put(brick, await fetchBrick(volume.bricks[brick], signal));
      for (const derived of volumes.filter((each) => each.minus && !each.loaded[brick])) {
        const [minuend, subtrahend] = derived.minus.map((index) => volumes[index]);
        if (minuend.loaded[brick] && subtrahend.loaded[brick]) derived.subtract(brick, minuend, subtrahend);
      }
      onBrick(brick);
    }
  }
  const workers = (jobs) => Promise.all(Array.from({ length: PARALLEL_REQUESTS }, () => work(jobs)));
  await workers(jobs.splice(0, fetched.length)); // the first picture shares the server with nothing
  await workers(jobs);
}

async function fetchBrick(url, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.message ?? `The server answered ${answer.status}.`);
  }
  return new Int16Array(await answer.arrayBuffer()); // little-endian, as every browser's machine is
}
