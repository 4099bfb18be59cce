import { expect, it } from "vitest";
import type { FrameMask } from "@/api/types";
import { contactFrames } from "./contactFrames";

function makeMasks(count: number): ReadonlyMap<number, FrameMask> {
  return new Map(Array.from({ length: count }, (_, frame) => [frame, { area: 1 } as FrameMask]));
}

it("the worst frames come first, in the order given", () => {
  const frames = contactFrames(makeMasks(100), [70, 3], 12);
  expect(frames.slice(0, 2)).toEqual([
    { frameIndex: 70, worst: true },
    { frameIndex: 3, worst: true },
  ]);
  expect(frames).toHaveLength(12);
});

it("of neighbouring worst frames only the worst is shown", () => {
  const frames = contactFrames(makeMasks(180), [71, 72, 120, 70], 18);
  expect(frames.filter((frame) => frame.worst).map((frame) => frame.frameIndex)).toEqual([71, 120]);
});

it("no frame is shown twice", () => {
  const frames = contactFrames(makeMasks(30), [0, 29, 15], 18).map((frame) => frame.frameIndex);
  expect(new Set(frames).size).toBe(frames.length);
});

it("the rest spans the masklet from its first to its last frame", () => {
  const frames = contactFrames(makeMasks(100), [], 10).map((frame) => frame.frameIndex);
  expect([frames[0], frames.at(-1)]).toEqual([0, 99]);
});

it("a short masklet is shown whole, and unknown worst frames are left out", () => {
  expect(contactFrames(makeMasks(3), [99], 12).map((frame) => frame.frameIndex)).toEqual([0, 1, 2]);
});
