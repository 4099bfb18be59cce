import { expect, it } from "vitest";
import { ALL_SHORTCUTS, BY_CHORD } from "./shortcuts";

it("no key means two things", () => {
  const chords = ALL_SHORTCUTS.flatMap((shortcut) => shortcut.chords);
  expect(new Set(chords).size).toBe(chords.length);
  expect(BY_CHORD.size).toBe(chords.length);
});

it("no key belongs to the browser", () => {
  const browsers = ["Ctrl+W", "Ctrl+T", "Ctrl+Shift+T", "Ctrl+Tab", "Alt+ArrowLeft", "Alt+ArrowRight"];
  for (const chord of browsers) expect(BY_CHORD.has(chord)).toBe(false);
});
