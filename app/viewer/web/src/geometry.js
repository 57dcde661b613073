// Planes of the patient on a voxel grid, and the way between screen and voxels. Coordinates are LPS in mm.

const LETTERS = [["R", "L"], ["A", "P"], ["F", "H"]]; // against and along x, y, z: right/left, front/back, foot/head

// As radiologists look: the patient's right on the left of the picture, head up, front up or left. `right`, `down` and
// `next` are [patient axis, direction]; `next` is where a turn of the wheel towards oneself goes.
const PLANES = {
  axial: { right: [0, 1], down: [1, 1], next: [2, -1] },
  coronal: { right: [0, 1], down: [2, -1], next: [1, 1] },
  sagittal: { right: [1, 1], down: [2, -1], next: [0, 1] },
};

export const PLANE_NAMES = Object.keys(PLANES);

/** A voxel grid. `affine_lps_mm`: 4 x 4 from (column, row, slice, 1) to mm. */
export class Grid {
  constructor({ columns, rows, slices, affine_lps_mm, slices_per_brick }) {
    this.size = [columns, rows, slices];
    this.affine = affine_lps_mm;
    this.slicesPerBrick = slices_per_brick;
    const steps = [0, 1, 2].map((axis) => [0, 1, 2].map((row) => affine_lps_mm[row][axis]));
    this.spacing = steps.map((step) => Math.hypot(...step));
    this.cosines = steps.map((step, axis) => step.map((value) => value / this.spacing[axis]));
    this.planes = Object.fromEntries(PLANE_NAMES.map((name) => [name, new Plane(name, this)]));
  }

  /** mm of a voxel index, which may lie between voxels. */
  toWorld(voxel) {
    return [0, 1, 2].map(
      (row) =>
        this.affine[row][0] * voxel[0] + this.affine[row][1] * voxel[1] + this.affine[row][2] * voxel[2] + this.affine[row][3],
    );
  }

  get middle() {
    return this.size.map((count) => Math.floor((count - 1) / 2));
  }

  holds(voxel) {
    return voxel.every((index, axis) => index >= 0 && index < this.size[axis]);
  }
}

/** One cut direction: which grid axis runs to the right of the picture, which one down, which one through it. */
class Plane {
  constructor(name, grid) {
    this.name = name;
    this.grid = grid;
    const { right, down, next } = PLANES[name];
    this.right = axisAlong(grid, right);
    this.down = axisAlong(grid, down);
    this.next = axisAlong(grid, next);
    this.slices = grid.size[this.next.axis];
    this.widthMm = grid.size[this.right.axis] * this.right.mm;
    this.heightMm = grid.size[this.down.axis] * this.down.mm;
    const letters = ([axis, direction]) => (direction > 0 ? LETTERS[axis] : [...LETTERS[axis]].reverse());
    const [left, rightLetter] = letters(right);
    const [up, downLetter] = letters(down);
    this.letters = { left, right: rightLetter, up, down: downLetter };
  }
}

/** The grid axis nearest to a patient axis, its direction and its voxel size. */
function axisAlong(grid, [patientAxis, direction]) {
  const along = grid.cosines.map((cosine) => Math.abs(cosine[patientAxis]));
  const axis = along.indexOf(Math.max(...along));
  return { axis, sign: Math.sign(grid.cosines[axis][patientAxis]) * direction, mm: grid.spacing[axis] };
}

/** Pixel of a pane (CSS px, from its top left) to a voxel index between voxels; `view` as `Panes` makes it. */
export function screenToVoxel(view, x, y) {
  const { plane } = view;
  const voxel = [...view.center];
  voxel[plane.right.axis] += (plane.right.sign * (x - view.width / 2)) / (view.pxPerMm * plane.right.mm);
  voxel[plane.down.axis] += (plane.down.sign * (y - view.height / 2)) / (view.pxPerMm * plane.down.mm);
  voxel[plane.next.axis] = view.slice;
  return voxel;
}

/** The way back. */
export function voxelToScreen(view, voxel) {
  const { plane } = view;
  const along = ({ axis, sign, mm }) => (voxel[axis] - view.center[axis]) * sign * mm * view.pxPerMm;
  return [view.width / 2 + along(plane.right), view.height / 2 + along(plane.down)];
}
