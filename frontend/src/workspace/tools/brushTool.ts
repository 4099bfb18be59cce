import { drawBrush } from "@/canvas/drawPrompts";
import type { VideoPoint } from "@/geometry/points";
import type { PointerInput, Step, Tool } from "./tool";

export type BrushState =
  | { readonly at: "idle" }
  | { readonly at: "painting"; readonly points: readonly VideoPoint[]; readonly erases: boolean };

const IDLE: BrushState = { at: "idle" };

function reducer(erasesByDefault: boolean) {
  return (state: BrushState, input: PointerInput): Step<BrushState> => {
    if (input.type === "cancel") return { state: IDLE };
    switch (state.at) {
      case "idle": {
        if (input.type !== "down") return { state };
        // The right button always does the opposite of the tool.
        const erases = input.negative && !input.straight ? !erasesByDefault : erasesByDefault;
        return { state: { at: "painting", points: [input.video], erases } };
      }
      case "painting": {
        const points = extended(state.points, input.video, input.straight);
        if (input.type !== "up") return { state: { ...state, points } };
        return { state: IDLE, gesture: { kind: "stroke", points, erases: state.erases } };
      }
      default:
        return state satisfies never;
    }
  };
}

/** With Shift the stroke is one straight line from where it began. */
function extended(points: readonly VideoPoint[], to: VideoPoint, straight: boolean): readonly VideoPoint[] {
  const first = points[0];
  if (straight && first !== undefined) return [first, to];
  const last = points.at(-1);
  return last !== undefined && last.x === to.x && last.y === to.y ? points : [...points, to];
}

function brush(erases: boolean): Tool<BrushState> {
  return {
    initial: IDLE,
    reduce: reducer(erases),
    cursor: "none",
    paint: (context, state, { pointer, brushRadius, view }) => {
      if (pointer === null) return;
      const erasing = state.at === "painting" ? state.erases : erases;
      drawBrush(context, pointer, brushRadius * view.scale, erasing);
    },
    strokeOf: (state) => (state.at === "painting" ? state : null),
  };
}

export const brushTool = brush(false);
export const eraserTool = brush(true);
