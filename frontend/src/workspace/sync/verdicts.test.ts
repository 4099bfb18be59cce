import { expect, it } from "vitest";
import { LEASE_UNKNOWN, type LeaseState } from "../state/leaseState";
import { makeMasklet, makeTask } from "./exampleRows";
import { EMPTY_REPLICA, type Replica } from "./replica";
import { voidedWords } from "./verdicts";
import type { PendingWrite } from "./writes";

function replicaOf(verdict: "satisfactory" | null, undo: string | null = null) {
  const masklet = makeMasklet({ id: "m1", name: "Object 1", verdict });
  const history = {
    ...EMPTY_REPLICA.history,
    undo: undo === null ? null : { id: "a", kind: "edit_mask" as const, masklet_id: undo },
  };
  const replica: Replica = { ...EMPTY_REPLICA, masklets: new Map([["m1", masklet]]), history };
  const lease: LeaseState = LEASE_UNKNOWN;
  return { replica, lease, queue: [] };
}

it("one's own edit that ends a verdict says so, and that undo brings it back", () => {
  expect(voidedWords(replicaOf("satisfactory"), replicaOf(null, "m1"))).toEqual([
    'Your edit ended the verdict "satisfactory" on Object 1; undo brings it back.',
  ]);
});

it("one's own edit is known as such also where its change is heard of before its answer", () => {
  const write = { kind: "clear", object: "m1", frameIndex: 0 } as const;
  const words = (state: PendingWrite["state"]) =>
    voidedWords(replicaOf("satisfactory"), {
      ...replicaOf(null),
      queue: [{ actionId: "a", write, state, basis: "" }],
    })[0];
  expect(words("sending")).toContain("undo brings it back");
  expect(words("waiting")).toContain("no longer holds");
});

it("a verdict that ended otherwise is told too, and one that holds is not", () => {
  expect(voidedWords(replicaOf("satisfactory"), replicaOf(null))).toHaveLength(1);
  expect(voidedWords(replicaOf("satisfactory"), replicaOf("satisfactory", "m1"))).toEqual([]);
  expect(voidedWords(replicaOf(null), replicaOf(null, "m1"))).toEqual([]);
});

it("whoever refines an object is not told that its verdict ended", () => {
  const task = makeTask({ kind: "refine", masklet_id: "m1" });
  const claimed = { task, lease: "t1/1", renew_seconds: 30 };
  const lease: LeaseState = { at: "held", claimed, held: [claimed] };
  expect(voidedWords(replicaOf("satisfactory"), { ...replicaOf(null, "m1"), lease })).toEqual([]);
});
