import { describe, expect, it } from "vitest";
import type { Run } from "@/api/types";
import { makeMasklet, makeRun } from "./exampleRows";
import { EMPTY_REPLICA, mergeChanges, type Replica } from "./replica";
import { carriedBy, runNotices } from "./runNotices";

const masklets = ["m1", "m2", "m3", "m4", "m5"].map((id, i) => makeMasklet({ id, name: `Object ${i + 1}` }));

function withRun(replica: Replica, run: Run): Replica {
  const history = { undo: null, redo: null, undo_limit: null, redo_limit: null };
  return mergeChanges(replica, { seq: run.seq, more: false, masklets, frames: [], runs: [run], history });
}

function leftOut(...ids: string[]): Run["left_out"] {
  const detail = "Click, box or draw the object on a frame first.";
  return ids.map((id) => ({ masklet_id: id, slug: "nothing-to-propagate", detail }));
}

const before = withRun(EMPTY_REPLICA, makeRun({ id: "r0", seq: 1, state: "done" }));

describe("a propagation", () => {
  it("names the objects that it could not carry, once", () => {
    const started = withRun(before, makeRun({ seq: 2, left_out: leftOut("m2") }));
    expect(runNotices(started, before)).toEqual([
      "Not carried: Object 2. Click, box or draw the object on a frame first.",
    ]);
    const later = withRun(started, makeRun({ seq: 3, done: 4, left_out: leftOut("m2") }));
    expect(runNotices(later, started)).toEqual([]);
  });

  it("names an object that leaves it on the way", () => {
    const started = withRun(before, makeRun({ seq: 2, masklet_ids: ["m1", "m2"] }));
    const later = makeRun({ seq: 3, masklet_ids: ["m1", "m2"], left_out: leftOut("m2") });
    expect(runNotices(withRun(started, later), started)).toHaveLength(1);
    expect(carriedBy(later)).toEqual(["m1"]);
  });

  it("counts those that are too many to name", () => {
    const started = withRun(before, makeRun({ seq: 2, left_out: leftOut("m1", "m2", "m3", "m4", "m5") }));
    expect(runNotices(started, before)[0]).toContain("Object 1, Object 2, Object 3 and 2 more.");
  });

  it("says that it failed, and why", () => {
    const started = withRun(before, makeRun({ seq: 2 }));
    const failed = withRun(started, makeRun({ seq: 3, state: "failed", problem: { detail: "No memory." } }));
    expect(runNotices(failed, started)).toEqual([
      "The propagation stopped; what it carried is kept. No memory.",
    ]);
  });

  it("of the past is not told again when a video is opened", () => {
    const opened = withRun(EMPTY_REPLICA, makeRun({ seq: 2, state: "done", left_out: leftOut("m2") }));
    expect(runNotices(opened, EMPTY_REPLICA)).toEqual([]);
  });
});
