import { expect, it } from "vitest";
import { contentFacts, gapFacts } from "./exportReport";

const report = {
  num_videos: 2,
  num_masklets: 3,
  num_annotated_frames: 1204,
  num_masks: 1100,
  num_absent: 100,
  num_unknown: 4,
  left_out: { rejected_masklets: 1, videos_without_masklets: 2 },
};

it("tells how many frames and masks are in the dataset", () => {
  expect(contentFacts(report)).toEqual(["1,204 annotated frames", "1,100 masks"]);
});

it("tells what is missing, and why", () => {
  expect(gapFacts(report)).toEqual([
    "4 untracked frames read as absent",
    "left out: 1 × rejected masklets, 2 × videos without masklets",
  ]);
});

it("tells what objects lose where others cover them", () => {
  const lost = { num_objects: 2, num_pixels: 1500, num_masks: 1 };
  const [, loss] = gapFacts({ ...report, lost });
  expect(loss).toBe(
    "1,500 pixels of 2 objects lost under others, 1 whole mask among them; the manifest says whose",
  );
  expect(gapFacts({ ...report, num_unknown: 0, left_out: {}, lost: {} })).toEqual([]);
});

it("tells how far redrawn objects are from their masks", () => {
  const lost = { num_objects: 2, num_pixels: 0, num_masks: 0, lowest_iou: 0.99876 };
  expect(gapFacts({ ...report, num_unknown: 0, left_out: {}, lost })).toEqual([
    "2 objects redrawn with an IoU of at least 0.998; the manifest has each one's",
  ]);
  expect(
    gapFacts({ ...report, num_unknown: 0, left_out: {}, lost: { ...lost, num_objects: 0, lowest_iou: 1 } }),
  ).toEqual([]);
});

it("a complete dataset has no gaps, and no report no facts", () => {
  expect(gapFacts({ ...report, num_unknown: 0, left_out: {} })).toEqual([]);
  expect([...contentFacts(null), ...gapFacts(null)]).toEqual([]);
});
