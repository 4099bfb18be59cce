import { expect, it } from "vitest";
import type { Comparison } from "@/api/types";
import { judged, summary } from "./comparison";

function measured(old: number, now: number, measure = "J&F, mask"): Comparison {
  return { measure, old, new: now, better: measure === "corrective clicks" ? "fewer" : "more" };
}

it("more is better for scores, fewer for clicks", () => {
  expect(judged(measured(60, 65.25)).outcome).toBe("better");
  expect(judged(measured(60, 55)).outcome).toBe("worse");
  expect(judged(measured(9, 6, "corrective clicks")).outcome).toBe("better");
  expect(judged(measured(6, 9, "corrective clicks")).outcome).toBe("worse");
});

it("a difference that nobody would notice is none", () => {
  expect(judged(measured(60, 60.4)).outcome).toBe("same");
  expect(judged(measured(6, 6.2, "corrective clicks")).outcome).toBe("same");
});

it("differences carry their sign", () => {
  expect(judged(measured(60, 65.25)).difference).toBe("+5.3");
  expect(judged(measured(9, 6.5, "corrective clicks")).difference).toBe("−2.50");
  expect(judged(measured(60, 60)).difference).toBe("±0.0");
});

it("a measure of a later version keeps its own name", () => {
  expect(judged(measured(1, 2, "J&F, box")).name).toBe("J&F, box");
});

it("the summary counts both sides", () => {
  expect(summary([measured(1, 5), measured(5, 1), measured(1, 1)])).toBe(
    "Better in 1, worse in 1 of 3 measures.",
  );
  expect(summary([measured(1, 5)])).toBe("Better in 1 of 1 measures, worse in none.");
  expect(summary([measured(5, 1)])).toBe("Worse in 1 of 1 measures, better in none.");
  expect(summary([measured(1, 1)])).toBe("No measure differs noticeably.");
});
