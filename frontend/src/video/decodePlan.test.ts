import { describe, expect, it } from "vitest";
import { groupOf, nextRange, type PlanInput } from "./decodePlan";

function plan(held: readonly number[], overrides: Partial<PlanInput> = {}) {
  const set = new Set(held);
  return nextRange({
    numFrames: 100,
    keyFrames: [0, 24, 48, 72, 96],
    cursor: 30,
    direction: 1,
    ahead: 40,
    behind: 10,
    has: (frameIndex) => set.has(frameIndex),
    ...overrides,
  });
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("the decode plan", () => {
  it("starts with the frame under the cursor", () => {
    expect(plan([])).toEqual({ first: 30, last: 47 });
  });

  it("goes on with the next key group in the play direction", () => {
    expect(plan(range(30, 47))).toEqual({ first: 48, last: 71 });
  });

  it("fills in behind the cursor once enough lies ahead", () => {
    expect(plan(range(30, 71))).toEqual({ first: 24, last: 29 });
  });

  it("takes the group before when playing backwards", () => {
    expect(plan(range(24, 47), { direction: -1 })).toEqual({ first: 0, last: 23 });
  });

  it("rests when all frames near the cursor are held", () => {
    expect(plan(range(0, 99))).toBeNull();
  });

  it("stops at the end of the video", () => {
    expect(plan([], { cursor: 99 })).toEqual({ first: 99, last: 99 });
  });

  it("never decodes more than it may hold ahead", () => {
    expect(plan([], { keyFrames: [0], ahead: 5, cursor: 3 })).toEqual({ first: 3, last: 8 });
  });
});

it("a key group ends before the next key frame", () => {
  expect(groupOf([0, 24, 48], 24, 60)).toEqual({ first: 24, last: 47 });
  expect(groupOf([0, 24, 48], 59, 60)).toEqual({ first: 48, last: 59 });
});
