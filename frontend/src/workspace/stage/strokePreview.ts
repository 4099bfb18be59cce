import { type MaskShape, shapeOf } from "@/canvas/maskShape";
import type { Size, VideoPoint } from "@/geometry/points";
import { sweep } from "@/masks/brush";
import { NO_RUNS, type Runs, subtract, union } from "@/masks/runs";

/** The mask under a brush in motion, extended by each new piece of the stroke. */
export class StrokePreview {
  readonly #base: Runs;
  readonly #size: Size;
  #painted: readonly VideoPoint[] = [];
  #runs: Runs;
  #shape: MaskShape | null = null;

  constructor(base: Runs | null, size: Size) {
    this.#base = base ?? NO_RUNS;
    this.#runs = this.#base;
    this.#size = size;
  }

  extend(points: readonly VideoPoint[], radius: number, erases: boolean): MaskShape {
    const continues = this.#painted.every((point, i) => points[i] === point);
    if (!continues) {
      this.#runs = this.#base;
      this.#painted = [];
    }
    const from = this.#painted.length;
    for (let i = from; i < points.length; i++) {
      const to = points[i] as VideoPoint;
      const piece = sweep(points[i - 1] ?? to, to, radius, this.#size);
      this.#runs = erases ? subtract(this.#runs, piece) : union(this.#runs, piece);
    }
    if (this.#shape === null || from < points.length || !continues) {
      this.#shape = shapeOf(this.#runs, this.#size.height);
    }
    this.#painted = points;
    return this.#shape;
  }
}
