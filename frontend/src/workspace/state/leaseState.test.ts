import { expect, it } from "vitest";
import { makeFrame, makeMask, makeTask } from "../sync/exampleRows";
import {
  headerOf,
  heldTask,
  LEASE_UNKNOWN,
  leaseAfter,
  leaseHolding,
  leaseInHand,
  taskFrame,
} from "./leaseState";

const claimed = { task: makeTask(), lease: "t1/3", renew_seconds: 30 };

it("a task that is ours goes with every write", () => {
  const held = leaseAfter(LEASE_UNKNOWN, { own: claimed, held: [claimed], others: [], waiting: [] });
  expect(headerOf(held)).toBe("t1/3");
});

it("a task that was handed on is lost, and its writes are still marked as its", () => {
  const held = leaseAfter(LEASE_UNKNOWN, { own: claimed, held: [claimed], others: [], waiting: [] });
  const lost = leaseAfter(held, { own: null, held: [], others: [], waiting: [] });
  expect(lost).toEqual({ at: "lost", task: claimed.task });
  expect(headerOf(lost)).toBe("t1/3");
});

it("without a task one works freely, and sees who else is there", () => {
  const other = makeTask({ assignee_name: "Ann" });
  const free = leaseAfter(LEASE_UNKNOWN, { own: null, held: [], others: [other], waiting: [] });
  expect(free).toEqual({ at: "free", others: [other], waiting: [] });
  expect(headerOf(free)).toBeNull();
});

it("of two tasks held here one is in hand, and stays so while both are renewed", () => {
  const refine = { task: makeTask({ id: "t2", kind: "refine" }), lease: "t2/1", renew_seconds: 30 };
  const both = { own: refine, held: [refine, claimed], others: [], waiting: [] };
  const taken = leaseInHand(leaseAfter(LEASE_UNKNOWN, both), claimed.task.id);
  expect(headerOf(taken)).toBe("t1/3");
  const renewed = leaseHolding(taken, { ...refine, lease: "t2/2" }, false);
  expect(headerOf(renewed)).toBe("t1/3");
  expect(heldTask(leaseAfter(renewed, both))?.id).toBe(claimed.task.id);
});

function laneOf(...ious: readonly (number | null)[]) {
  const frames = ious.map((predicted_iou, at) =>
    makeFrame({ frame_index: 10 + at, mask: makeMask({ source: "propagated", predicted_iou }) }),
  );
  return new Map(frames.map((frame) => [frame.frame_index, frame]));
}

it("a task begins on the frame that the verdict named", () => {
  expect(taskFrame(7, laneOf(0.9, 0.2), 11)).toBe(7);
});

it("without one it begins where the model was least sure, wherever the person was last", () => {
  expect(taskFrame(null, laneOf(0.9, 0.4, 0.6, 0.4), 10)).toBe(11);
});

it("what a person drew or clicked is not taken for the bad frame", () => {
  const lane = laneOf(0.9, 0.4);
  lane.set(11, makeFrame({ frame_index: 11, mask: makeMask({ source: "edited", predicted_iou: 0.1 }) }));
  expect(taskFrame(null, lane, 11)).toBe(10);
});

it("where nothing tells, it stays on a known frame or goes to the first one", () => {
  expect(taskFrame(null, laneOf(null, null), 11)).toBeNull();
  expect(taskFrame(null, laneOf(null, null), 3)).toBe(10);
  expect(taskFrame(null, new Map(), 3)).toBeNull();
});
