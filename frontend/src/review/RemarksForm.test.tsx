import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { NO_REMARKS } from "./queue/reviewQueue";
import { RemarksForm } from "./RemarksForm";
import type { Review } from "./useReview";

afterEach(cleanup);

it("Enter sends the object back from the note, as its key cap says; with Shift it begins a line", () => {
  const decide = vi.fn();
  const review = { remarks: NO_REMARKS, remark: vi.fn(), decide } as unknown as Review;
  render(<RemarksForm review={review} frame={null} suspect={null} />);
  const note = screen.getByRole("textbox");
  const goesOn = (init: KeyboardEventInit) => fireEvent.keyDown(note, { key: "Enter", ...init });
  expect(goesOn({ shiftKey: true })).toBe(true);
  expect(goesOn({ isComposing: true })).toBe(true);
  expect(decide).not.toHaveBeenCalled();
  expect(goesOn({})).toBe(false);
  expect(decide).toHaveBeenCalledExactlyOnceWith("unsatisfactory");
});
