import { expect, it } from "vitest";
import type { Tuning, TuningProgress } from "@/api/types";
import { progressText, progressValue } from "./progress";

function at(stage: TuningProgress["stage"], done: number, total: number, more: Partial<TuningProgress> = {}) {
  return { stage, done, total, loss: null, seconds_left: null, ...more };
}

it("the bar never runs backward from stage to stage", () => {
  const stages = ["exporting", "preparing", "judging-old", "training", "judging-new"] as const;
  const values = stages.flatMap((stage) => [0, 1, 2].map((done) => progressValue(at(stage, done, 2)) ?? 0));
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(values.at(-1)).toBe(1);
  expect(progressValue(null)).toBeNull();
});

it("training tells steps, loss and the time left", () => {
  const progress = at("training", 120, 200, { loss: 0.41234, seconds_left: 63 });
  const tuning = { state: "running", progress } as Tuning;
  expect(progressText(tuning)).toBe("Training · 120 of 200 steps · loss 0.412 · 1 min 03 s left");
});

it("whoever waits is told what for", () => {
  expect(progressText({ state: "queued", progress: null } as Tuning)).toContain(
    "one model is tuned at a time",
  );
});
