import type { Runs } from "./runs";

/**
 * The COCO run-length string: alternating background and foreground run lengths in column-major order, the first
 * one background. From the third count on each is stored as a difference to the count two before; every number is
 * written in groups of 5 bits, least significant first, bit 6 says that more follows, and 48 is added to make text.
 */

const FIRST_CHARACTER = 48;

export class MalformedCounts extends Error {
  constructor(counts: string) {
    super(`Not a COCO run-length string: ${counts.slice(0, 40)}`);
    this.name = "MalformedCounts";
  }
}

/** Runs of a counts string over `pixels = width * height` pixels. Raises MalformedCounts. */
export function decodeCounts(counts: string, pixels: number): Runs {
  const boundaries: number[] = [];
  let beforeLast = 0;
  let last = 0;
  let position = 0;
  let read = 0;
  let foreground = false;
  for (let i = 0; i < counts.length; read++) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more) {
      const group = counts.charCodeAt(i++) - FIRST_CHARACTER;
      if (!(group >= 0 && group < 64)) throw new MalformedCounts(counts);
      value |= (group & 31) << shift;
      shift += 5;
      more = (group & 32) !== 0;
      if (!more && (group & 16) !== 0) value |= -1 << shift;
    }
    const length = read > 2 ? value + beforeLast : value;
    if (length < 0) throw new MalformedCounts(counts);
    pushRun(boundaries, position, length, foreground);
    position += length;
    foreground = !foreground;
    beforeLast = last;
    last = length;
  }
  if (position !== pixels) throw new MalformedCounts(counts);
  return Uint32Array.from(boundaries);
}

/** Appends a foreground run; one that touches the run before it extends that run. */
function pushRun(boundaries: number[], start: number, length: number, foreground: boolean): void {
  if (!foreground || length === 0) return;
  if (boundaries.at(-1) === start) boundaries[boundaries.length - 1] = start + length;
  else boundaries.push(start, start + length);
}

/** The counts string of runs over `pixels` pixels, byte for byte what pycocotools writes. */
export function encodeCounts(runs: Runs, pixels: number): string {
  const lengths: number[] = [];
  let position = 0;
  for (const boundary of runs) {
    lengths.push(boundary - position);
    position = boundary;
  }
  if (position < pixels || lengths.length === 0) lengths.push(pixels - position);
  let text = "";
  lengths.forEach((length, i) => {
    text += encodeNumber(i > 2 ? length - (lengths[i - 2] as number) : length);
  });
  return text;
}

function encodeNumber(value: number): string {
  let text = "";
  let rest = value;
  for (;;) {
    const group = rest & 31;
    rest >>= 5;
    const more = group & 16 ? rest !== -1 : rest !== 0;
    text += String.fromCharCode((more ? group | 32 : group) + FIRST_CHARACTER);
    if (!more) return text;
  }
}
