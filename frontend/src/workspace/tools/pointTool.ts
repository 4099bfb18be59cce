import { drawBox } from "@/canvas/drawPrompts";
import { boxBetween, distance, type ScreenPoint, type VideoPoint } from "@/geometry/points";
import { CLICK_SLACK, defineTool, type PointerInput, type Step } from "./tool";

type PointState =
  | { readonly at: "idle" }
  | {
      readonly at: "pressing";
      readonly from: VideoPoint;
      readonly fromScreen: ScreenPoint;
      readonly negative: boolean;
    }
  | { readonly at: "dragging"; readonly from: VideoPoint; readonly to: VideoPoint };

const IDLE: PointState = { at: "idle" };

function reduce(state: PointState, input: PointerInput): Step<PointState> {
  if (input.type === "cancel") return { state: IDLE };
  switch (state.at) {
    case "idle":
      if (input.type !== "down") return { state };
      return {
        state: { at: "pressing", from: input.video, fromScreen: input.screen, negative: input.negative },
      };
    case "pressing":
      if (input.type === "up") {
        return { state: IDLE, gesture: { kind: "click", at: state.from, positive: !state.negative } };
      }
      // Only a plain left drag becomes a box; a negative click stays a click however shaky the hand.
      if (state.negative || distance(state.fromScreen, input.screen) < CLICK_SLACK) return { state };
      return { state: { at: "dragging", from: state.from, to: input.video } };
    case "dragging":
      if (input.type !== "up") return { state: { ...state, to: input.video } };
      return { state: IDLE, gesture: { kind: "box", box: boxBetween(state.from, input.video) } };
    default:
      return state satisfies never;
  }
}

/** Positive and negative clicks; a drag draws a box. */
export const pointTool = defineTool({
  id: "point",
  label: "Point: left adds, right, Alt or Shift removes; drag draws a box",
  icon: "M8 2v3.5M8 10.5V14M2 8h3.5M10.5 8H14M8 8h.01",
  chords: ["P"],
  phaseTool: "point",
  cursor: "crosshair",
  beginsObjects: true,
  hasRadius: false,
  initial: IDLE,
  reduce,
  paint: (context, state, { view, color }) => {
    if (state.at === "dragging") drawBox(context, view, boxBetween(state.from, state.to), color, true);
  },
});
