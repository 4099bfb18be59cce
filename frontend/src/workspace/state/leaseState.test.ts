import { expect, it } from "vitest";
import { makeTask } from "../sync/exampleRows";
import { headerOf, LEASE_UNKNOWN, leaseAfter } from "./leaseState";

const claimed = { task: makeTask(), lease: "t1/3", renew_seconds: 30 };

it("a task that is ours goes with every write", () => {
  const held = leaseAfter(LEASE_UNKNOWN, { own: claimed, others: [], waiting: [] });
  expect(headerOf(held)).toBe("t1/3");
});

it("a task that was handed on is lost, and its writes are still marked as its", () => {
  const held = leaseAfter(LEASE_UNKNOWN, { own: claimed, others: [], waiting: [] });
  const lost = leaseAfter(held, { own: null, others: [], waiting: [] });
  expect(lost).toEqual({ at: "lost", task: claimed.task });
  expect(headerOf(lost)).toBe("t1/3");
});

it("without a task one works freely, and sees who else is there", () => {
  const other = makeTask({ assignee_name: "Ann" });
  const free = leaseAfter(LEASE_UNKNOWN, { own: null, others: [other], waiting: [] });
  expect(free).toEqual({ at: "free", others: [other], waiting: [] });
  expect(headerOf(free)).toBeNull();
});
