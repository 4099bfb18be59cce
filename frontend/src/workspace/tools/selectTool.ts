import { defineTool, type PointerInput, type Step } from "./tool";

type SelectState = { readonly at: "idle" } | { readonly at: "pressing" };

const IDLE: SelectState = { at: "idle" };

function reduce(state: SelectState, input: PointerInput): Step<SelectState> {
  if (input.type === "cancel") return { state: IDLE };
  switch (state.at) {
    case "idle":
      return input.type === "down" ? { state: { at: "pressing" } } : { state };
    case "pressing":
      return input.type === "up" ? { state: IDLE, gesture: { kind: "select", at: input.video } } : { state };
    default:
      return state satisfies never;
  }
}

/** Selects the object under the pointer. */
export const selectTool = defineTool({
  id: "select",
  label: "Select an object",
  icon: "M4 3l9 4.5-4 1.3L7.6 13z",
  chords: ["V"],
  phaseTool: null,
  cursor: "default",
  beginsObjects: false,
  hasRadius: false,
  initial: IDLE,
  reduce,
  paint: () => {},
});
