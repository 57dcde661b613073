// From HU to colours: one list of colour points each, which both renderers draw between in a straight line.

const POINTS = {
  grey: [[0, 0, 0, 0], [1, 1, 1, 1]],
  // blue where lowered, black where unchanged, orange where raised
  difference: [[0, 60 / 255, 140 / 255, 1], [0.5, 0, 0, 0], [1, 1, 150 / 255, 40 / 255]],
  heat: [[0, 0, 0, 0], [1 / 3, 1, 0, 0], [2 / 3, 1, 1, 0], [1, 1, 1, 1]],
};

/** Points [share of the range, red, green, blue], all from 0 to 1. */
export function colourPoints(name) {
  return POINTS[name];
}

/** HU at which the colours of a volume begin and end; only greys follow the window. */
export function rangeOf(volume, window) {
  if (volume.colours === "difference") return [-volume.limitHu, volume.limitHu];
  if (volume.colours === "heat") return [0, volume.limitHu];
  return [window.center - window.width / 2, window.center + window.width / 2];
}

/** Table of RGBA (as little-endian 32-bit) for each 16-bit HU, at index HU + 32768. */
export function colourTable(name, [low, high], alphaOf = () => 1) {
  const table = new Uint32Array(65536);
  for (let i = 0; i < table.length; i++) {
    const share = Math.min(1, Math.max(0, (i - 32768 - low) / (high - low)));
    const [red, green, blue] = colourAt(POINTS[name], share);
    const alpha = Math.round(255 * alphaOf(share));
    table[i] = ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}

function colourAt(points, share) {
  let i = 1;
  while (i < points.length - 1 && share > points[i][0]) i++;
  const [from, to] = [points[i - 1], points[i]];
  const part = (share - from[0]) / (to[0] - from[0]);
  return [1, 2, 3].map((channel) => Math.round(255 * (from[channel] + part * (to[channel] - from[channel]))));
}
