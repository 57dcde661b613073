// Draws panes with Cornerstone3D (WebGL2): quick slabs and cuts of large volumes.

import {
  Enums,
  RenderingEngine,
  cache,
  init,
  setVolumesForViewports,
  utilities,
  volumeLoader,
} from "@cornerstonejs/core";

import { colourPoints, rangeOf } from "./colours.js";

let count = 0;

export class WebGLRenderer {
  /** `volumes`: all complete. */
  constructor(volumes) {
    init();
    cache.setMaxCacheSize(8 * 1024 ** 3); // a study of a thousand slices is held as well; voxels are not copied
    this.name = `panes-${count++}`;
    this.engine = new RenderingEngine(this.name);
    this.ids = new Map(volumes.map((volume, index) => [volume, makeVolume(volume, `${this.name}-volume-${index}`)]));
    this.drawn = new Map();
    for (const colours of new Set(volumes.map((volume) => volume.colours))) {
      utilities.colormap.registerColormap({ Name: colours, ColorSpace: "RGB", RGBPoints: colourPoints(colours).flat() });
    }
  }

  /** Give a pane's element a viewport of a volume. */
  async enable(element, volume) {
    const viewportId = `${this.name}-pane-${count++}`;
    this.engine.enableElement({
      viewportId,
      element,
      type: Enums.ViewportType.ORTHOGRAPHIC,
      defaultOptions: { orientation: Enums.OrientationAxis.AXIAL, background: [0, 0, 0] },
    });
    await setVolumesForViewports(this.engine, [{ volumeId: this.ids.get(volume) }], [viewportId]);
    // A volume made in memory is painted flat grey at first, since no frame counts as new for its texture.
    cache.getVolume(this.ids.get(volume)).modified();
    const viewport = this.engine.getViewport(viewportId);
    viewport.setProperties({ interpolationType: Enums.InterpolationType.LINEAR });
    if (volume.colours !== "grey") viewport.setProperties({ colormap: { name: volume.colours } });
    return viewport;
  }

  draw(viewport, volume, view) {
    const { plane } = view;
    const { grid } = plane;
    const towards = ({ axis, sign }) => grid.cosines[axis].map((cosine) => cosine * sign);
    const center = [...view.center];
    center[plane.next.axis] = view.slice;
    const focalPoint = grid.toWorld(center);
    const through = cross(towards(plane.right), towards(plane.down)); // away from the reader
    const [lower, upper] = rangeOf(volume, view.window);
    viewport.setProperties({ voiRange: { lower, upper } });
    const slab = view.slabMm > 0;
    viewport.setBlendMode(slab ? Enums.BlendModes.MAXIMUM_INTENSITY_BLEND : Enums.BlendModes.COMPOSITE);
    if (slab) viewport.setSlabThickness(Math.max(view.slabMm, plane.next.mm));
    else viewport.resetSlabThickness();
    viewport.setCamera({
      focalPoint,
      position: focalPoint.map((value, i) => value - 1000 * through[i]),
      viewPlaneNormal: through.map((value) => -value),
      viewUp: towards(plane.down).map((value) => -value),
      parallelScale: view.height / 2 / view.pxPerMm,
    });
    viewport.render();
  }

  resize() {
    this.engine.resize(true, false);
  }

  disable(viewport) {
    this.engine.disableElement(viewport.id);
  }

  destroy() {
    this.engine.destroy();
    for (const id of this.ids.values()) cache.removeVolumeLoadObject(id);
  }
}

function makeVolume(volume, volumeId) {
  const { grid } = volume;
  volumeLoader.createLocalVolume(volumeId, {
    scalarData: volume.whole(),
    metadata: {
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 1,
      SamplesPerPixel: 1,
      PhotometricInterpretation: "MONOCHROME2",
      Modality: "CT",
      voiLut: [],
      VOILUTFunction: "LINEAR_EXACT",
    },
    dimensions: grid.size,
    spacing: grid.spacing,
    origin: grid.toWorld([0, 0, 0]),
    direction: grid.cosines.flat(),
  });
  return volumeId;
}

function cross([a, b, c], [x, y, z]) {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}
