import { type Loops, smoothLoop, traceOutline } from "@/masks/outline";
import { labelPoint, type Runs } from "@/masks/runs";
import { simplifyLoop } from "@/masks/simplify";

/** Pixels of the video that the smooth outline may stray; invisible below the zoom where the exact one is drawn. */
const SMOOTH_TOLERANCE = 0.6;

/** A mask ready to draw: its outline as canvas paths in video pixels, traced when first drawn. */
export class MaskShape {
  readonly runs: Runs;
  /** Where the object's number goes, null for an empty mask. */
  readonly labelAt: { readonly x: number; readonly y: number } | null;
  readonly #height: number;
  #loops: Loops | null = null;
  #smooth: Path2D | null = null;
  #exact: Path2D | null = null;

  constructor(runs: Runs, height: number) {
    this.runs = runs;
    this.labelAt = labelPoint(runs, height);
    this.#height = height;
  }

  /** Pixel stairs rounded off; what the eye reads as the edge. */
  get smooth(): Path2D {
    this.#smooth ??= pathOf(this.#traced().map((loop) => simplifyLoop(smoothLoop(loop), SMOOTH_TOLERANCE)));
    return this.#smooth;
  }

  /** The exact pixel boundary, for high zoom. */
  get exact(): Path2D {
    this.#exact ??= pathOf(this.#traced());
    return this.#exact;
  }

  #traced(): Loops {
    this.#loops ??= traceOutline(this.runs, this.#height);
    return this.#loops;
  }
}

function pathOf(loops: Loops): Path2D {
  const path = new Path2D();
  for (const loop of loops) {
    path.moveTo(loop[0] as number, loop[1] as number);
    for (let i = 2; i < loop.length; i += 2) path.lineTo(loop[i] as number, loop[i + 1] as number);
    path.closePath();
  }
  return path;
}

export function shapeOf(runs: Runs, height: number): MaskShape {
  return new MaskShape(runs, height);
}

/** Shapes by mask id, the oldest dropped first. A mask never changes under its id. */
export class ShapeCache {
  readonly #shapes = new Map<string, MaskShape>();
  readonly #capacity: number;

  constructor(capacity = 4000) {
    this.#capacity = capacity;
  }

  get(id: string, make: () => MaskShape): MaskShape {
    const known = this.#shapes.get(id);
    if (known !== undefined) {
      this.#shapes.delete(id);
      this.#shapes.set(id, known);
      return known;
    }
    const shape = make();
    this.#shapes.set(id, shape);
    if (this.#shapes.size > this.#capacity) {
      const oldest = this.#shapes.keys().next().value;
      if (oldest !== undefined) this.#shapes.delete(oldest);
    }
    return shape;
  }
}
