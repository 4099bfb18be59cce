import { expect, it } from "vitest";
import { reviewPause } from "./queries";

it("a review queue is read again while it is empty, and never under a verifier who judges", () => {
  expect(reviewPause([])).toBeGreaterThan(0);
  expect(reviewPause(["one"])).toBe(false);
  expect(reviewPause(undefined)).toBe(false);
});
