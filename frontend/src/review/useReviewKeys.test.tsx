import { cleanup, fireEvent, renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Review } from "./useReview";
import { usePlayerKeys, useVerdictKeys } from "./useReviewKeys";

afterEach(cleanup);

function makeReview(choosingReason = false) {
  const review = {
    choosingReason,
    decide: vi.fn(),
    toggleReason: vi.fn(),
    askReason: vi.fn(),
    dismissReason: vi.fn(),
    skip: vi.fn(),
    undo: vi.fn(),
  };
  const player = { togglePlay: vi.fn(), step: vi.fn(), toggleFollow: vi.fn(), peek: vi.fn() };
  renderHook(() => {
    useVerdictKeys(review as unknown as Review);
    usePlayerKeys(player);
  });
  return { review, player };
}

function press(key: string, options: KeyboardEventInit = {}) {
  fireEvent.keyDown(document.body, { key, ...options });
}

it("Y and R give their verdict with one key", () => {
  const { review } = makeReview();
  press("y");
  press("r");
  expect(review.decide.mock.calls).toEqual([["satisfactory"], ["rejected"]]);
});

it("U asks for the reasons first, and a digit does nothing before", () => {
  const { review } = makeReview();
  press("u");
  press("3");
  expect(review.askReason).toHaveBeenCalledOnce();
  expect(review.decide).not.toHaveBeenCalled();
});

it("while reasons are asked, digits mark several of them and Enter or U sends the object back", () => {
  const { review } = makeReview(true);
  press("3");
  press("2");
  expect(review.toggleReason.mock.calls).toEqual([["boundary"], ["lost"]]);
  expect(review.decide).not.toHaveBeenCalled();
  press("Enter");
  press("u");
  expect(review.decide.mock.calls).toEqual([["unsatisfactory"], ["unsatisfactory"]]);
});

it("a held key gives one verdict only", () => {
  const { review } = makeReview();
  press("y");
  press("y", { repeat: true });
  expect(review.decide).toHaveBeenCalledOnce();
});

it("keys with Ctrl and keys typed into a field are left alone", () => {
  const { review } = makeReview();
  press("z", { ctrlKey: true });
  const field = document.body.appendChild(document.createElement("input"));
  fireEvent.keyDown(field, { key: "y" });
  field.remove();
  expect(review.undo).not.toHaveBeenCalled();
  expect(review.decide).not.toHaveBeenCalled();
});

it("holding the backslash hides the mask until it is let go", () => {
  const { player } = makeReview();
  press("\\");
  fireEvent.keyUp(document.body, { key: "\\" });
  expect(player.peek.mock.calls).toEqual([[true], [false]]);
});
