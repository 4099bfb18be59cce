import { cleanup, fireEvent, renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { ReviewDesk } from "./useReview";
import { usePlayerKeys, useVerdictKeys } from "./useReviewKeys";

afterEach(cleanup);

function makeDesk(choosingReason = false) {
  const desk = {
    choosingReason,
    decide: vi.fn(),
    askReason: vi.fn(),
    dismissReason: vi.fn(),
    skip: vi.fn(),
    undo: vi.fn(),
  };
  const player = { togglePlay: vi.fn(), step: vi.fn(), toggleFollow: vi.fn(), peek: vi.fn() };
  renderHook(() => {
    useVerdictKeys(desk as unknown as ReviewDesk);
    usePlayerKeys(player);
  });
  return { desk, player };
}

function press(key: string, options: KeyboardEventInit = {}) {
  fireEvent.keyDown(document.body, { key, ...options });
}

it("Y and R give their verdict with one key", () => {
  const { desk } = makeDesk();
  press("y");
  press("r");
  expect(desk.decide.mock.calls).toEqual([["satisfactory"], ["rejected"]]);
});

it("U asks for the reason first, and a digit answers it", () => {
  const { desk } = makeDesk();
  press("u");
  press("3");
  expect(desk.askReason).toHaveBeenCalledOnce();
  expect(desk.decide).not.toHaveBeenCalled();
});

it("while a reason is asked, a digit decides with it and U without one", () => {
  const { desk } = makeDesk(true);
  press("3");
  press("u");
  expect(desk.decide.mock.calls).toEqual([["unsatisfactory", ["boundary"]], ["unsatisfactory"]]);
});

it("a held key gives one verdict only", () => {
  const { desk } = makeDesk();
  press("y");
  press("y", { repeat: true });
  expect(desk.decide).toHaveBeenCalledOnce();
});

it("keys with Ctrl and keys typed into a field are left alone", () => {
  const { desk } = makeDesk();
  press("z", { ctrlKey: true });
  const field = document.body.appendChild(document.createElement("input"));
  fireEvent.keyDown(field, { key: "y" });
  field.remove();
  expect(desk.undo).not.toHaveBeenCalled();
  expect(desk.decide).not.toHaveBeenCalled();
});

it("holding the backslash hides the mask until it is let go", () => {
  const { player } = makeDesk();
  press("\\");
  fireEvent.keyUp(document.body, { key: "\\" });
  expect(player.peek.mock.calls).toEqual([[true], [false]]);
});
