import { expect, it } from "vitest";
import { makePhases, makeTask } from "../sync/exampleRows";
import { barrierOf, mayEdit } from "./barrier";
import { LEASE_UNKNOWN, type LeaseState } from "./leaseState";
import { closedBook } from "./phaseBook";

const open = { gone: false, phases: makePhases(), lease: LEASE_UNKNOWN };

function heldByOthers(masklet: string | null): LeaseState {
  return { at: "free", others: [makeTask({ masklet_id: masklet, assignee_name: "Ada" })], waiting: [] };
}

it("nobody edits a video while another person's task holds it", () => {
  const held = { ...open, lease: heldByOthers(null) };
  expect(mayEdit(open)).toBe(true);
  expect(mayEdit(held)).toBe(false);
  expect(mayEdit(held, "m1")).toBe(false);
});

it("another person's task about one object holds that object and no other", () => {
  const held = { ...open, lease: heldByOthers("m1") };
  expect(mayEdit(held, "m1")).toBe(false);
  expect(mayEdit(held, "m2")).toBe(true);
  expect(mayEdit(held)).toBe(true);
});

it("a video that is gone, or a role that may only look, comes before what others hold", () => {
  expect(barrierOf({ ...open, gone: true, lease: heldByOthers(null) })).toBe("gone");
  expect(barrierOf({ ...open, phases: closedBook("sam2"), lease: heldByOthers(null) })).toBe("role");
});
