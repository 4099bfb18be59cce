import { expect, it } from "vitest";
import { byChord, capsOf, keyText } from "./shortcut";

it.each([
  [["Ctrl+Shift+Z"], undefined, ["Ctrl", "Shift", "Z"]],
  [["Shift+ArrowLeft", "D"], undefined, ["Shift", "←"]],
  [["Escape"], undefined, ["Esc"]],
  [["+"], undefined, ["+"]],
  [["1", "2"], "1 … 9", ["1 … 9"]],
] as const)("%j is drawn as caps", (chords, shown, caps) => {
  const hint = { label: "", chords, ...(shown === undefined ? {} : { shown }) };
  expect(capsOf(hint)).toEqual(caps);
  expect(keyText(hint)).toBe(caps.join("+"));
});

it("every chord of a shortcut finds it", () => {
  const redo = { label: "Redo", chords: ["Ctrl+Shift+Z", "Ctrl+Y"] } as const;
  expect([...byChord([redo]).keys()]).toEqual(["Ctrl+Shift+Z", "Ctrl+Y"]);
});
