import { expect, it } from "vitest";
import type { FrameMask, FrameState } from "@/api/types";
import { knownMasks, merge } from "./maskletFrames";

function makeState(frameIndex: number, area: number | null, maskletId = "m"): FrameState {
  const mask = area === null ? null : ({ id: `${frameIndex}-${area}`, area } as FrameMask);
  return {
    masklet_id: maskletId,
    frame_index: frameIndex,
    seq: 1,
    prompts: null,
    locked: false,
    problem: null,
    mask,
  };
}

const nothing = { seq: 0, byMasklet: new Map() };

it("a later state of a frame replaces the earlier one", () => {
  const first = merge(nothing, 1, [makeState(4, 10)]);
  const second = merge(first, 2, [makeState(4, 20)]);
  expect(knownMasks(second, "m").get(4)?.area).toBe(20);
  expect(knownMasks(first, "m").get(4)?.area).toBe(10);
});

it("an undone frame is unknown again", () => {
  const frames = merge(merge(nothing, 1, [makeState(4, 10)]), 2, [makeState(4, null)]);
  expect(knownMasks(frames, "m").size).toBe(0);
});

it("known frames come in time order and of one masklet only", () => {
  const frames = merge(nothing, 1, [makeState(8, 1), makeState(2, 0), makeState(5, 1, "other")]);
  expect([...knownMasks(frames, "m").keys()]).toEqual([2, 8]);
});
