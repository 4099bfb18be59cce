// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { chordOf, isTyping } from "./chord";

function press(key: string, code = "", held: Partial<KeyboardEvent> = {}) {
  return chordOf({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
}

describe("a key press reads as", () => {
  it.each([
    ["a letter, whatever its case", press("a"), "A"],
    ["Shift and a letter", press("L", "KeyL", { shiftKey: true }), "Shift+L"],
    ["a sign, without the Shift that typed it", press(">", "Period", { shiftKey: true }), ">"],
    ["a question mark", press("?", "Slash", { shiftKey: true }), "?"],
    ["Shift and a digit, although that types a sign", press("!", "Digit1", { shiftKey: true }), "Shift+1"],
    ["a digit", press("3", "Digit3"), "3"],
    ["Ctrl on a PC", press("z", "KeyZ", { ctrlKey: true, shiftKey: true }), "Ctrl+Shift+Z"],
    ["Command on a Mac", press("s", "KeyS", { metaKey: true }), "Ctrl+S"],
    ["Shift and an arrow", press("ArrowLeft", "ArrowLeft", { shiftKey: true }), "Shift+ArrowLeft"],
    ["Space", press(" ", "Space"), "Space"],
  ])("%s", (_what, chord, expected) => {
    expect(chord).toBe(expected);
  });
});

it("typing in a field is typing, moving a slider is not", () => {
  const text = document.createElement("input");
  const slider = Object.assign(document.createElement("input"), { type: "range" });
  expect(isTyping(text)).toBe(true);
  expect(isTyping(slider)).toBe(false);
});
