import { describe, expect, it } from "vitest";
import type { Changes, Run } from "@/api/types";
import { makeFrame, makeMask, makeMasklet } from "./exampleRows";
import {
  activeRuns,
  basisOf,
  EMPTY_REPLICA,
  livingMasklets,
  mergeChanges,
  mergeEdit,
  mergePart,
} from "./replica";

function makeChanges(overrides: Partial<Changes> = {}): Changes {
  return {
    seq: 1,
    more: false,
    masklets: [],
    frames: [],
    runs: [],
    history: { undo: null, redo: null, undo_limit: null, redo_limit: null },
    ...overrides,
  };
}

describe("the replica", () => {
  it("keeps the newest state whatever the order of arrival", () => {
    const older = makeChanges({ seq: 4, frames: [makeFrame({ seq: 4 })] });
    const newer = makeChanges({ seq: 7, frames: [makeFrame({ seq: 7, mask: makeMask({ id: "new" }) })] });
    const inOrder = mergeChanges(mergeChanges(EMPTY_REPLICA, older), newer);
    const swapped = mergeChanges(mergeChanges(EMPTY_REPLICA, newer), older);
    expect(inOrder.lanes.get("m1")?.get(0)?.mask?.id).toBe("new");
    expect(swapped.lanes.get("m1")?.get(0)?.mask?.id).toBe("new");
    expect(swapped.seq).toBe(7);
  });

  it("is unchanged by changes it already has", () => {
    const changes = makeChanges({
      seq: 4,
      masklets: [makeMasklet({ seq: 3 })],
      frames: [makeFrame({ seq: 4 })],
    });
    const once = mergeChanges(EMPTY_REPLICA, changes);
    expect(mergeChanges(once, changes)).toEqual(once);
  });

  it("copies only the lanes that changed", () => {
    const both = mergeChanges(
      EMPTY_REPLICA,
      makeChanges({ frames: [makeFrame(), makeFrame({ masklet_id: "m2" })] }),
    );
    const next = mergeChanges(both, makeChanges({ seq: 2, frames: [makeFrame({ seq: 2 })] }));
    expect(next.lanes.get("m2")).toBe(both.lanes.get("m2"));
    expect(next.lanes.get("m1")).not.toBe(both.lanes.get("m1"));
  });

  it("does not skip what others changed when an own edit is acknowledged", () => {
    const result = {
      frame: makeFrame({ seq: 9 }),
      masklet: makeMasklet({ seq: 8, version: 2 }),
      action_id: "a",
    };
    const edited = mergeEdit(EMPTY_REPLICA, result, "edit_mask");
    expect(edited.seq).toBe(0);
    expect(edited.masklets.get("m1")?.version).toBe(2);
    expect(edited.history.undo).toEqual({ id: "a", kind: "edit_mask", masklet_id: "m1" });
    expect(mergePart(edited, makeChanges({ seq: 12 })).seq).toBe(0);
  });

  it("lists the living masklets by number", () => {
    const masklets = [
      makeMasklet({ id: "c", number: 3 }),
      makeMasklet({ id: "a", number: 1 }),
      makeMasklet({ id: "b", number: 2, deleted: true }),
    ];
    expect(livingMasklets(mergeChanges(EMPTY_REPLICA, makeChanges({ masklets }))).map((m) => m.id)).toEqual([
      "a",
      "c",
    ]);
  });

  it("knows which runs are still going", () => {
    const runs = (["queued", "running", "done", "cancelled"] as const).map(
      (state) => ({ id: state, state, seq: 1 }) as unknown as Run,
    );
    const active = activeRuns(mergeChanges(EMPTY_REPLICA, makeChanges({ runs })));
    expect(active.map((run) => run.id)).toEqual(["queued", "running"]);
  });
});

describe("the basis of an edit", () => {
  it("is not moved by propagation", () => {
    const before = makeFrame({ seq: 1 });
    const after = makeFrame({ seq: 5, mask: makeMask({ source: "propagated" }) });
    expect(basisOf(before)).toBe(basisOf(after));
  });

  it("is moved by somebody's brush or prompts", () => {
    const before = makeFrame({ mask: makeMask({ source: "edited", id: "a" }) });
    expect(basisOf(makeFrame({ mask: makeMask({ source: "edited", id: "b" }) }))).not.toBe(basisOf(before));
    const prompts = { clicks: [{ x: 1, y: 2, label: "positive" as const }], box: null, candidate: null };
    expect(basisOf(makeFrame({ prompts }))).not.toBe(basisOf(makeFrame()));
  });
});
