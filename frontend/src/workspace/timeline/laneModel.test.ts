import { describe, expect, it } from "vitest";
import type { FrameState } from "@/api/types";
import { makeFrame, makeMask } from "../sync/exampleRows";
import { laneModel, nextAmong } from "./laneModel";

function lane(...frames: FrameState[]) {
  return new Map(frames.map((frame) => [frame.frame_index, frame]));
}

const clicked = { clicks: [{ x: 1, y: 1, label: "positive" as const }], box: null, candidate: null };

describe("a lane", () => {
  it("joins neighbouring frames of one kind", () => {
    const model = laneModel(
      lane(
        makeFrame({ frame_index: 2, seq: 9, prompts: clicked, mask: makeMask({ source: "prompted" }) }),
        makeFrame({ frame_index: 3, seq: 10, mask: makeMask() }),
        makeFrame({ frame_index: 4, seq: 11, mask: makeMask() }),
        makeFrame({ frame_index: 5, seq: 12, mask: makeMask({ area: 0, box: null }) }),
        makeFrame({ frame_index: 9, seq: 13, mask: makeMask() }),
      ),
    );
    expect(model.segments.map(({ kind, first, last }) => [kind, first, last])).toEqual([
      ["prompted", 2, 2],
      ["propagated", 3, 4],
      ["absent", 5, 5],
      ["propagated", 9, 9],
    ]);
    expect(model.prompted).toEqual([2]);
    expect([model.first, model.last, model.numKnown, model.numVisible]).toEqual([2, 9, 5, 4]);
  });

  it("joins locked frames into barriers, unknown ones too, and calls nothing stale for being locked", () => {
    const model = laneModel(
      lane(
        makeFrame({ frame_index: 1, seq: 50, locked: true, mask: makeMask({ source: "edited" }) }),
        makeFrame({ frame_index: 2, seq: 3, mask: makeMask() }),
        makeFrame({ frame_index: 8, locked: true }),
        makeFrame({ frame_index: 7, locked: true }),
      ),
    );
    expect(model.locked).toEqual([
      { first: 1, last: 1 },
      { first: 7, last: 8 },
    ]);
    expect(model.segments.map(({ kind, stale }) => [kind, stale])).toEqual([
      ["edited", false],
      ["propagated", false],
    ]);
    expect(model.numKnown).toBe(2);
  });

  it("calls a mask stale that was carried from other prompts than there are now, whenever it was stored", () => {
    const first = makeMask({ source: "prompted", id: "00000005-0000-4000-8000-000000000000" });
    const changed = { ...first, id: "00000007-0000-4000-8000-000000000000" };
    const late = makeMask({ built_on: 5, created_at: "2026-02-01T00:00:00Z" });
    const stale = (mask: typeof first, prompts: FrameState["prompts"] = clicked) =>
      laneModel(
        lane(makeFrame({ frame_index: 0, prompts, mask }), makeFrame({ frame_index: 1, mask: late })),
      ).segments.at(-1)?.stale;
    expect([stale(first), stale(changed)]).toEqual([false, true]);
  });

  it("calls propagated masks stale while prompts wait for a mask, but not for prompts that were set aside", () => {
    const carried = makeFrame({ frame_index: 1, mask: makeMask({ built_on: 0 }) });
    const waiting = makeFrame({ frame_index: 5, prompts: clicked });
    const stale = (frame: FrameState) =>
      laneModel(lane(carried, frame)).segments.find(({ kind }) => kind === "propagated")?.stale;
    expect([stale(waiting), stale({ ...waiting, problem: { detail: "" } })]).toEqual([true, false]);
  });

  it("calls propagated masks stale once a later correction was made", () => {
    const model = laneModel(
      lane(
        makeFrame({ frame_index: 0, seq: 4, mask: makeMask({ created_at: "2026-01-01T00:00:01Z" }) }),
        makeFrame({
          frame_index: 1,
          seq: 20,
          mask: makeMask({ source: "edited", created_at: "2026-01-01T00:00:01.5Z" }),
        }),
        makeFrame({ frame_index: 2, seq: 21, mask: makeMask({ created_at: "2026-01-01T00:00:02.123456Z" }) }),
      ),
    );
    expect(model.segments.map(({ stale }) => stale)).toEqual([true, false, false]);
  });

  it("leaves frames that were cleared unknown", () => {
    expect(laneModel(lane(makeFrame({ frame_index: 7, seq: 3 }))).segments).toEqual([]);
  });
});

it("the next marked frame is found in both directions", () => {
  expect(nextAmong([3, 8, 12], 8, 1)).toBe(12);
  expect(nextAmong([3, 8, 12], 8, -1)).toBe(3);
  expect(nextAmong([3], 3, 1)).toBeNull();
});
