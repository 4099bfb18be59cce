import { expect, it } from "vitest";
import { reportFacts } from "./exportReport";

it("names the counts a format reports beyond videos and masklets", () => {
  const report = { num_videos: 2, num_masklets: 3, num_frames: 1204, num_empty_frames: 1, notes: ["x"] };
  expect(reportFacts(report)).toEqual(["1,204 frames", "1 empty frame"]);
});

it("no report, no facts", () => {
  expect(reportFacts(null)).toEqual([]);
});
