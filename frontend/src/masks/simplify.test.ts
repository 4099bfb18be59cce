import { expect, it } from "vitest";
import { smoothLoop, traceOutline } from "./outline";
import { decodeCounts } from "./rle";
import { simplifyLoop } from "./simplify";
import vectors from "./vectors/pycocotools.json";

const large = vectors.find((vector) => vector.name.startsWith("an ellipse"));

function distanceToLoop(x: number, y: number, loop: Float32Array): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0, j = loop.length - 2; i < loop.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [loop[j], loop[j + 1], loop[i], loop[i + 1]] as [number, number, number, number];
    const squared = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const t = Math.min(Math.max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared, 0), 1);
    best = Math.min(best, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
  }
  return best;
}

it("a simplified outline is short and nowhere further off than the tolerance", () => {
  const runs = decodeCounts(large?.counts ?? "", 480 * 848);
  for (const loop of traceOutline(runs, 848).map(smoothLoop)) {
    const simple = simplifyLoop(loop, 0.6);
    expect(simple.length).toBeLessThan(loop.length / 4);
    for (let i = 0; i < loop.length; i += 2) {
      expect(distanceToLoop(loop[i] ?? 0, loop[i + 1] ?? 0, simple)).toBeLessThan(0.61);
    }
  }
});
