import { describe, expect, it } from "vitest";
import { smoothLoop, traceOutline } from "./outline";
import { decodeCounts } from "./rle";
import { contains } from "./runs";
import vectors from "./vectors/pycocotools.json";

/** Even-odd point in polygon over all loops: the rule the canvas fills with. */
function filled(loops: readonly Float32Array[], x: number, y: number): boolean {
  let inside = false;
  for (const loop of loops) {
    for (let i = 0, j = loop.length - 2; i < loop.length; j = i, i += 2) {
      const [xi, yi, xj, yj] = [loop[i], loop[i + 1], loop[j], loop[j + 1]] as [
        number,
        number,
        number,
        number,
      ];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

describe.each(vectors.filter((vector) => vector.rows !== null))(
  "the outline of $name",
  ({ size, counts }) => {
    const [height, width] = size as [number, number];
    const runs = decodeCounts(counts, width * height);
    const loops = traceOutline(runs, height);

    it("fills exactly the mask's pixels", () => {
      for (let x = 0; x < width; x++) {
        for (let y = 0; y < height; y++) {
          expect(filled(loops, x + 0.5, y + 0.5)).toBe(contains(runs, x, y, { width, height }));
        }
      }
    });

    it("fills the same pixels when smoothed", () => {
      const smooth = loops.map(smoothLoop);
      for (let x = 0; x < width; x++) {
        for (let y = 0; y < height; y++) {
          expect(filled(smooth, x + 0.49, y + 0.51)).toBe(contains(runs, x, y, { width, height }));
        }
      }
    });
  },
);

it("a rectangle's outline has only its four corners", () => {
  // Columns 2 to 4, rows 1 to 3 of a video 6 high.
  const runs = Uint32Array.of(13, 16, 19, 22, 25, 28);
  expect(traceOutline(runs, 6)).toEqual([Float32Array.of(2, 1, 5, 1, 5, 4, 2, 4)]);
});

it("a large mask is traced in a few milliseconds", () => {
  const large = vectors.find((vector) => vector.name.startsWith("an ellipse"));
  if (large === undefined) throw new Error("vector missing");
  const runs = decodeCounts(large.counts, 480 * 848);
  const started = performance.now();
  for (let i = 0; i < 20; i++) traceOutline(runs, 848);
  expect((performance.now() - started) / 20).toBeLessThan(20);
});
