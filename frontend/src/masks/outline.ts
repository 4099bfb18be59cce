import { eachColumnPiece, type Runs } from "./runs";

/**
 * Closed boundary loops of a mask in video coordinates, flattened per loop as `[x0, y0, x1, y1, ...]`.
 * Drawn with the even-odd rule the loops fill exactly the mask's pixels, holes included.
 */
export type Loops = readonly Float32Array[];

/** Traces the pixel boundary from runs; O(boundary length), no pixel is visited. */
export function traceOutline(runs: Runs, height: number): Loops {
  const edges = new Map<number, number[]>();
  const stride = height + 1;
  const add = (fromX: number, fromY: number, toX: number, toY: number) => {
    const key = fromX * stride + fromY;
    const known = edges.get(key);
    if (known === undefined) edges.set(key, [toX * stride + toY]);
    else known.push(toX * stride + toY);
  };
  addBoundary(runs, height, add);
  const loops: Float32Array[] = [];
  for (const start of edges.keys()) {
    for (;;) {
      const loop = followLoop(edges, start, stride);
      if (loop === null) break;
      loops.push(loop);
    }
  }
  return loops;
}

type AddEdge = (fromX: number, fromY: number, toX: number, toY: number) => void;

/** Every boundary edge once, the foreground on its right hand side. */
function addBoundary(runs: Runs, height: number, add: AddEdge): void {
  let previous: number[] = [];
  let current: number[] = [];
  let column = Number.NaN;
  const close = (x: number) => {
    verticalEdges(previous, current, x, add);
    previous = current;
    current = [];
  };
  eachColumnPiece(runs, height, (x, y0, y1) => {
    if (x !== column) {
      if (!Number.isNaN(column)) {
        close(column);
        if (x > column + 1) close(column + 1);
      }
      column = x;
    }
    current.push(y0, y1);
    add(x, y0, x + 1, y0);
    add(x + 1, y1, x, y1);
  });
  if (!Number.isNaN(column)) {
    close(column);
    close(column + 1);
  }
}

/** Edges on the line `x`, between column x - 1 and column x: where exactly one of the two is foreground. */
function verticalEdges(left: readonly number[], right: readonly number[], x: number, add: AddEdge): void {
  let i = 0;
  let j = 0;
  let from = 0;
  while (i < left.length || j < right.length) {
    const nextLeft = i < left.length ? (left[i] as number) : Number.POSITIVE_INFINITY;
    const nextRight = j < right.length ? (right[j] as number) : Number.POSITIVE_INFINITY;
    const at = Math.min(nextLeft, nextRight);
    const inLeft = (i & 1) === 1;
    const inRight = (j & 1) === 1;
    if (inLeft !== inRight && at > from) {
      if (inLeft) add(x, from, x, at);
      else add(x, at, x, from);
    }
    if (nextLeft === at) i++;
    if (nextRight === at) j++;
    from = at;
  }
}

/** Takes one loop out of the edges, corners only; null when `start` has no edge left. */
function followLoop(edges: Map<number, number[]>, start: number, stride: number): Float32Array | null {
  if ((edges.get(start)?.length ?? 0) === 0) return null;
  const corners: number[] = [];
  let at = start;
  let from = -1;
  do {
    const next = takeEdge(edges, at, from, stride);
    if (next === undefined) break;
    if (from < 0 || turns(from, at, next, stride)) corners.push(Math.floor(at / stride), at % stride);
    from = at;
    at = next;
  } while (at !== start);
  return Float32Array.from(corners);
}

/** Where two loops touch in one corner, turn right: diagonal pixels stay separate loops. */
function takeEdge(
  edges: Map<number, number[]>,
  at: number,
  from: number,
  stride: number,
): number | undefined {
  const ways = edges.get(at);
  if (ways === undefined || ways.length < 2 || from < 0) return ways?.pop();
  const right = ways.findIndex((to) => turn(from, at, to, stride) > 0);
  return right < 0 ? ways.pop() : ways.splice(right, 1)[0];
}

function turns(from: number, at: number, to: number, stride: number): boolean {
  return turn(from, at, to, stride) !== 0;
}

/** Cross product of the two steps: positive turns right (y grows downwards). */
function turn(from: number, at: number, to: number, stride: number): number {
  const ax = Math.floor(at / stride) - Math.floor(from / stride);
  const ay = (at % stride) - (from % stride);
  const bx = Math.floor(to / stride) - Math.floor(at / stride);
  const by = (to % stride) - (at % stride);
  return ax * by - ay * bx;
}

/** The same loops with every one-pixel stair cut at its middle: what a person reads as the object's edge. */
export function smoothLoop(loop: Float32Array): Float32Array {
  const count = loop.length / 2;
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const x = loop[2 * i] as number;
    const y = loop[2 * i + 1] as number;
    const nextX = loop[(2 * i + 2) % loop.length] as number;
    const nextY = loop[(2 * i + 3) % loop.length] as number;
    const length = Math.abs(nextX - x) + Math.abs(nextY - y);
    const cut = Math.min(length / 2, 0.5) / length;
    out.push(x + (nextX - x) * cut, y + (nextY - y) * cut);
    if (length > 1) out.push(nextX - (nextX - x) * cut, nextY - (nextY - y) * cut);
  }
  return Float32Array.from(out);
}
