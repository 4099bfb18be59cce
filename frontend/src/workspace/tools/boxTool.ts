import { drawBox } from "@/canvas/drawPrompts";
import { boxBetween, distance, type ScreenPoint, type VideoPoint } from "@/geometry/points";
import { CLICK_SLACK, type PointerInput, type Step, type Tool } from "./tool";

export type BoxState =
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
      // A box without extent is a slip of the hand.
      if (distance(state.fromScreen, input.screen) < CLICK_SLACK) return { state: IDLE };
      return { state: IDLE, gesture: { kind: "box", box: boxBetween(state.from, input.video) } };
    default:
      return state satisfies never;
  }
}

export const boxTool: Tool<BoxState> = {
  initial: IDLE,
  reduce,
  cursor: "crosshair",
  paint: (context, state, { view, color }) => {
    if (state.at === "dragging") drawBox(context, view, boxBetween(state.from, state.to), color, true);
  },
};
