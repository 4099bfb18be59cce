import { defineTool, type PointerInput } from "./tool";

/** A tool for tests, as anybody would add one: it prompts where the button is let go. */
export const stampTool = defineTool({
  id: "stamp",
  label: "Stamp a point",
  icon: "M8 8h.01",
  chords: ["Y"],
  phaseTool: "refine",
  cursor: "cell",
  beginsObjects: true,
  hasRadius: false,
  initial: null,
  reduce: (state, input: PointerInput) =>
    input.type === "up" ? { state, gesture: { kind: "click", at: input.video, positive: true } } : { state },
  paint: () => {},
});
