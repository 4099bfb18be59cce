import { drawBox } from "@/canvas/drawPrompts";
import { boxBetween, distance, type ScreenPoint, type VideoPoint } from "@/geometry/points";
import { CLICK_SLACK, defineTool, type PointerInput, type Step } from "./tool";

type BoxState =
  | { readonly at: "idle" }
  | {
      readonly at: "dragging";
      readonly from: VideoPoint;
      readonly fromScreen: ScreenPoint;
      readonly to: VideoPoint;
    };

const IDLE: BoxState = { at: "idle" };

function reduce(state: BoxState, input: PointerInput): Step<BoxState> {
  if (input.type === "cancel") return { state: IDLE };
  switch (state.at) {
    case "idle":
      return input.type === "down"
        ? { state: { at: "dragging", from: input.video, fromScreen: input.screen, to: input.video } }
        : { state };
    case "dragging":
      if (input.type !== "up") return { state: { ...state, to: input.video } };
      // Too small to be meant as a box.
      if (distance(state.fromScreen, input.screen) < CLICK_SLACK) return { state: IDLE };
      return { state: IDLE, gesture: { kind: "box", box: boxBetween(state.from, input.video) } };
    default:
      return state satisfies never;
  }
}

/** A box prompt by dragging. */
export const boxTool = defineTool({
  id: "box",
  label: "Box around the object",
  icon: "M3 3h10v10H3zM3 3h.01M13 3h.01M13 13h.01M3 13h.01",
  chords: ["R"],
  phaseTool: "box",
  cursor: "crosshair",
  beginsObjects: true,
  hasRadius: false,
  initial: IDLE,
  reduce,
  paint: (context, state, { view, color }) => {
    if (state.at === "dragging") drawBox(context, view, boxBetween(state.from, state.to), color, true);
  },
});
