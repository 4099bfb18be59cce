import { expect, it } from "vitest";
import { CLASS_KEYS } from "@/api/ontology";
import { ALL_SHORTCUTS, BY_CHORD, SHORTCUTS } from "./shortcuts";

it("no key means two things", () => {
  const chords = ALL_SHORTCUTS.flatMap((shortcut) => shortcut.chords);
  expect(new Set(chords).size).toBe(chords.length);
  expect(BY_CHORD.size).toBe(chords.length);
});

it("no key belongs to the browser", () => {
  const browsers = ["Ctrl+W", "Ctrl+T", "Ctrl+Shift+T", "Ctrl+Tab", "Alt+ArrowLeft", "Alt+ArrowRight"];
  for (const chord of browsers) expect(BY_CHORD.has(chord)).toBe(false);
});

it("the keys that classes may have mean nothing else, but for the digits that pick an object", () => {
  const picking: readonly string[] = SHORTCUTS.pickObject.chords;
  expect(CLASS_KEYS.filter((key) => BY_CHORD.has(key) && !picking.includes(key))).toEqual([]);
});
