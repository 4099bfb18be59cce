import { expect, it } from "vitest";
import { BY_CHORD, SHORTCUTS } from "./shortcuts";

it("no key means two things", () => {
  const chords = SHORTCUTS.flatMap((shortcut) => shortcut.chords);
  expect(new Set(chords).size).toBe(chords.length);
  expect(BY_CHORD.size).toBe(chords.length);
});

it("no key belongs to the browser", () => {
  const browsers = ["Ctrl+W", "Ctrl+T", "Ctrl+Shift+T", "Ctrl+Tab", "Alt+ArrowLeft", "Alt+ArrowRight"];
  for (const chord of browsers) expect(BY_CHORD.has(chord)).toBe(false);
});
