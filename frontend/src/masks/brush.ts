import type { Size, VideoPoint } from "@/geometry/points";
import { NO_RUNS, type Runs, union } from "./runs";

/**
 * The pixels whose centre lies within `radius` of the segment from `a` to `b` (video pixels), and those under its ends: a
 * small brush always paints where it points.
 */
export function sweep(a: VideoPoint, b: VideoPoint, radius: number, size: Size): Runs {
  const covered = centresWithin(a, b, radius, size);
  if (radius >= HALF_DIAGONAL) return covered;
  return union(covered, union(pixelUnder(a, size), pixelUnder(b, size)));
}

/** From here on a disc covers the centre of the pixel that its own centre is in. */
const HALF_DIAGONAL = Math.SQRT1_2;

function pixelUnder(at: VideoPoint, size: Size): Runs {
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return NO_RUNS;
  const start = x * size.height + y;
  return Uint32Array.of(start, start + 1);
}

function centresWithin(a: VideoPoint, b: VideoPoint, radius: number, size: Size): Runs {
  const first = Math.max(Math.ceil(Math.min(a.x, b.x) - radius - 0.5), 0);
  const last = Math.min(Math.floor(Math.max(a.x, b.x) + radius - 0.5), size.width - 1);
  if (last < first) return NO_RUNS;
  const boundaries: number[] = [];
  for (let x = first; x <= last; x++) {
    const span = spanOfColumn(x + 0.5, a, b, radius);
    if (span === null) continue;
    const y0 = Math.max(Math.ceil(span[0] - 0.5), 0);
    const y1 = Math.min(Math.floor(span[1] - 0.5) + 1, size.height);
    if (y1 <= y0) continue;
    const start = x * size.height + y0;
    if (boundaries.at(-1) === start) boundaries[boundaries.length - 1] = x * size.height + y1;
    else boundaries.push(start, x * size.height + y1);
  }
  return Uint32Array.from(boundaries);
}

/** A whole stroke: the union of its segments' sweeps; a single point is a disc. */
export function stroke(points: readonly VideoPoint[], radius: number, size: Size): Runs {
  const first = points[0];
  if (first === undefined) return NO_RUNS;
  let runs = sweep(first, first, radius, size);
  for (let i = 1; i < points.length; i++) {
    runs = union(runs, sweep(points[i - 1] as VideoPoint, points[i] as VideoPoint, radius, size));
  }
  return runs;
}

/** The capsule around a segment is convex, so a vertical line meets it in one interval: the hull of three. */
function spanOfColumn(x: number, a: VideoPoint, b: VideoPoint, radius: number): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const widen = (middle: number, half: number) => {
    low = Math.min(low, middle - half);
    high = Math.max(high, middle + half);
  };
  for (const end of [a, b]) {
    const inside = radius * radius - (x - end.x) ** 2;
    if (inside >= 0) widen(end.y, Math.sqrt(inside));
  }
  widenByBand(x, a, b, radius, widen);
  return low <= high ? [low, high] : null;
}

/** The straight middle part of the capsule: the band of the segment's line, cut where the segment ends. */
function widenByBand(
  x: number,
  a: VideoPoint,
  b: VideoPoint,
  radius: number,
  widen: (middle: number, half: number) => void,
): void {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = Math.hypot(dx, dy);
  if (length === 0) return;
  const [nx, ny] = [(-dy / length) * radius, (dx / length) * radius];
  for (const side of [1, -1]) {
    const [x0, y0] = [a.x + side * nx, a.y + side * ny];
    if (dx === 0) continue;
    const t = (x - x0) / dx;
    if (t >= 0 && t <= 1) widen(y0 + t * dy, 0);
  }
}
