import type { Size } from "@/geometry/points";

/**
 * A mask as runs of foreground: sorted, disjoint, non-touching half-open intervals `[start, end)` of the
 * column-major pixel index `x * height + y`, flattened as `[start0, end0, start1, end1, ...]`.
 *
 * Everything the workspace does with a mask (draw, hit-test, brush, encode) works on runs: a mask is a few
 * hundred numbers whatever the video's size, and nothing ever touches single pixels.
 */
export type Runs = Uint32Array;

export const NO_RUNS: Runs = new Uint32Array(0);

type Keep = (inA: boolean, inB: boolean) => boolean;

const either: Keep = (a, b) => a || b;
const firstOnly: Keep = (a, b) => a && !b;
const both: Keep = (a, b) => a && b;

/** One sweep over the boundaries of both masks; O(a + b). */
function combine(a: Runs, b: Runs, keep: Keep): Runs {
  const out = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  let n = 0;
  let inside = false;
  while (i < a.length || j < b.length) {
    const nextA = i < a.length ? (a[i] as number) : Number.POSITIVE_INFINITY;
    const nextB = j < b.length ? (b[j] as number) : Number.POSITIVE_INFINITY;
    const at = Math.min(nextA, nextB);
    if (nextA === at) i++;
    if (nextB === at) j++;
    // An odd number of boundaries passed means the sweep is inside that mask.
    const now = keep((i & 1) === 1, (j & 1) === 1);
    if (now !== inside) {
      out[n++] = at;
      inside = now;
    }
  }
  return out.slice(0, n);
}

export function union(a: Runs, b: Runs): Runs {
  return combine(a, b, either);
}

export function subtract(a: Runs, b: Runs): Runs {
  return combine(a, b, firstOnly);
}

export function intersect(a: Runs, b: Runs): Runs {
  return combine(a, b, both);
}

/** Foreground pixels. */
export function area(runs: Runs): number {
  let sum = 0;
  for (let i = 0; i < runs.length; i += 2) sum += (runs[i + 1] as number) - (runs[i] as number);
  return sum;
}

export function sameRuns(a: Runs, b: Runs): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Is the pixel (x, y) foreground? Binary search. */
export function contains(runs: Runs, x: number, y: number, size: Size): boolean {
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return false;
  const index = Math.floor(x) * size.height + Math.floor(y);
  let low = 0;
  let high = runs.length;
  // The number of boundaries at or before the index; odd means inside.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as number) <= index) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1;
}

/** Calls `visit(x, y0, y1)` for every vertical piece of foreground, columns left to right, rows downwards. */
export function eachColumnPiece(
  runs: Runs,
  height: number,
  visit: (x: number, y0: number, y1: number) => void,
): void {
  for (let i = 0; i < runs.length; i += 2) {
    let start = runs[i] as number;
    const end = runs[i + 1] as number;
    while (start < end) {
      const x = Math.floor(start / height);
      const stop = Math.min(end, (x + 1) * height);
      visit(x, start - x * height, stop - x * height);
      start = stop;
    }
  }
}

/** Where the object's number is written: on top of the longest piece of its median column; null when empty. */
export function labelPoint(runs: Runs, height: number): { x: number; y: number } | null {
  const total = area(runs);
  if (total === 0) return null;
  let seen = 0;
  let column = -1;
  let longest = 0;
  let y = 0;
  eachColumnPiece(runs, height, (x, y0, y1) => {
    if (column < 0) {
      seen += y1 - y0;
      if (seen * 2 >= total) column = x;
    }
    if (x === column && y1 - y0 > longest) {
      longest = y1 - y0;
      y = y0;
    }
  });
  return { x: column + 0.5, y };
}
