import { describe, expect, it } from "vitest";
import { distance, videoPoint } from "@/geometry/points";
import { stroke, sweep } from "./brush";
import { area, contains } from "./runs";

const size = { width: 40, height: 30 };

function distanceToSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const lengthSquared = (bx - ax) ** 2 + (by - ay) ** 2;
  const t = lengthSquared === 0 ? 0 : ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / lengthSquared;
  const k = Math.min(Math.max(t, 0), 1);
  return distance({ x, y }, { x: ax + k * (bx - ax), y: ay + k * (by - ay) });
}

describe.each([
  [10, 10, 10, 10, 4],
  [5, 5, 30, 22, 3],
  [30, 4, 8, 25, 2.5],
  [20, 2, 20, 28, 5],
  [-6, 12, 46, 12, 6],
  [0, 0, 0, 0, 0.8],
])("a brush of (%d, %d) to (%d, %d), radius %d", (ax, ay, bx, by, radius) => {
  it("paints exactly the pixels whose centre it covers", () => {
    const runs = sweep(videoPoint(ax, ay), videoPoint(bx, by), radius, size);
    for (let x = 0; x < size.width; x++) {
      for (let y = 0; y < size.height; y++) {
        const gap = distanceToSegment(x + 0.5, y + 0.5, ax, ay, bx, by) - radius;
        if (Math.abs(gap) > 1e-6) expect([x, y, contains(runs, x, y, size)]).toEqual([x, y, gap < 0]);
      }
    }
  });
});

it("the smallest brush paints the pixel under it, wherever that is", () => {
  for (let i = 0; i < 40; i++) {
    for (let j = 0; j < 40; j++) {
      const [x, y] = [7 + i / 40, 9 + j / 40];
      const runs = stroke([videoPoint(x, y)], 0.5, size);
      expect([x, y, contains(runs, 7, 9, size)]).toEqual([x, y, true]);
    }
  }
});

it("the smallest brush leaves no gap on its way", () => {
  const runs = stroke([videoPoint(3.01, 4.99), videoPoint(17.5, 9.02), videoPoint(17.99, 25.01)], 0.5, size);
  for (let x = 3; x <= 17; x++) {
    const column = Array.from({ length: size.height }, (_, y) => contains(runs, x, y, size));
    expect([x, column.includes(true)]).toEqual([x, true]);
  }
});

it("a brush at the very edge of the video paints the last pixel, and beyond it nothing", () => {
  expect(area(stroke([videoPoint(39.999, 29.999)], 0.5, size))).toBe(1);
  expect(area(stroke([videoPoint(40.2, 10)], 0.1, size))).toBe(0);
});

it("a stroke outside the video paints nothing", () => {
  expect(area(stroke([videoPoint(-50, -50), videoPoint(-40, -90)], 5, size))).toBe(0);
});
