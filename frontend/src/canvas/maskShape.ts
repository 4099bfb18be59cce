import { type Loops, smoothLoop, traceOutline } from "@/masks/outline";
import { labelPoint, type Runs } from "@/masks/runs";

/** A mask ready to draw: its outline as canvas paths in video pixels, traced once and kept. */
export interface MaskShape {
  readonly runs: Runs;
  /** Pixel stairs rounded off; what the eye reads as the edge. */
  readonly smooth: Path2D;
  /** The exact pixel boundary, for high zoom. */
  readonly exact: Path2D;
  /** Where the object's number goes, null for an empty mask. */
  readonly labelAt: { readonly x: number; readonly y: number } | null;
}

export function shapeOf(runs: Runs, height: number): MaskShape {
  const loops = traceOutline(runs, height);
  return {
    runs,
    smooth: pathOf(loops.map(smoothLoop)),
    exact: pathOf(loops),
    labelAt: labelPoint(runs, height),
  };
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

/** Shapes by mask id. Masks never change under an id, so nothing is ever invalid; the oldest are dropped. */
export class ShapeCache {
  readonly #shapes = new Map<string, MaskShape>();
  readonly #capacity: number;

  constructor(capacity = 2000) {
    this.#capacity = capacity;
  }

  get(id: string, trace: () => MaskShape): MaskShape {
    const known = this.#shapes.get(id);
    if (known !== undefined) {
      this.#shapes.delete(id);
      this.#shapes.set(id, known);
      return known;
    }
    const shape = trace();
    this.#shapes.set(id, shape);
    if (this.#shapes.size > this.#capacity) {
      const oldest = this.#shapes.keys().next().value;
      if (oldest !== undefined) this.#shapes.delete(oldest);
    }
    return shape;
  }
}
