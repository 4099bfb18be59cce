import { expect, it } from "vitest";
import { makeTask } from "../sync/exampleRows";
import { headerOf, heldTask, LEASE_UNKNOWN, leaseAfter, leaseHolding, leaseInHand } from "./leaseState";

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
