import { describe, expect, it } from "vitest";
import { area, contains, intersect, labelPoint, type Runs, subtract, union } from "./runs";

const size = { width: 12, height: 9 };

function runsOf(pixels: ReadonlySet<number>): Runs {
  const boundaries: number[] = [];
  for (let i = 0; i <= size.width * size.height; i++) {
    if (pixels.has(i) !== pixels.has(i - 1)) boundaries.push(i);
  }
  return Uint32Array.from(boundaries);
}

function somePixels(seed: number, share: number): Set<number> {
  let state = seed;
  const pixels = new Set<number>();
  for (let i = 0; i < size.width * size.height; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (state / 2 ** 32 < share) pixels.add(i);
  }
  return pixels;
}

describe.each([1, 2, 3, 4, 5, 6])("sets of pixels, seed %i", (seed) => {
  const a = somePixels(seed, 0.5);
  const b = somePixels(seed + 100, 0.3);

  it("unite as sets do", () => {
    expect(union(runsOf(a), runsOf(b))).toEqual(runsOf(new Set([...a, ...b])));
  });

  it("subtract as sets do", () => {
    expect(subtract(runsOf(a), runsOf(b))).toEqual(runsOf(new Set([...a].filter((i) => !b.has(i)))));
  });

  it("intersect as sets do", () => {
    expect(intersect(runsOf(a), runsOf(b))).toEqual(runsOf(new Set([...a].filter((i) => b.has(i)))));
  });

  it("know their area and members", () => {
    expect(area(runsOf(a))).toBe(a.size);
    for (let x = 0; x < size.width; x++) {
      for (let y = 0; y < size.height; y++) {
        expect(contains(runsOf(a), x + 0.4, y + 0.9, size)).toBe(a.has(x * size.height + y));
      }
    }
  });

  it("carry their number on top of a column of theirs", () => {
    const point = labelPoint(runsOf(a), size.height);
    expect(point && contains(runsOf(a), point.x, point.y, size)).toBe(true);
    expect(point && contains(runsOf(a), point.x, point.y - 1, size)).toBe(false);
  });
});

it("an empty mask has no place for a number", () => {
  expect(labelPoint(new Uint32Array(0), 9)).toBeNull();
});
