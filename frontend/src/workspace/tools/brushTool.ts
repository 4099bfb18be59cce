import { drawBrush } from "@/canvas/drawPrompts";
import type { VideoPoint } from "@/geometry/points";
import { defineTool, type PaintInput, type PointerInput, type Step } from "./tool";

type BrushState =
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

/** What brush and eraser share. The circle is drawn instead of a cursor. */
function strokes(erases: boolean) {
  return {
    cursor: "none",
    hasRadius: true,
    initial: IDLE,
    reduce: reducer(erases),
    paint: (context: CanvasRenderingContext2D, state: BrushState, input: PaintInput) => {
      const { pointer, brushRadius, view } = input;
      if (pointer === null) return;
      const erasing = state.at === "painting" ? state.erases : erases;
      drawBrush(context, pointer, brushRadius * view.scale, erasing);
    },
    strokeOf: (state: BrushState) => (state.at === "painting" ? state : null),
  };
}

export const brushTool = defineTool({
  ...strokes(false),
  id: "brush",
  label: "Brush; Shift paints straight, right button erases",
  icon: "M13 3 7.5 8.5M7.5 8.5c-2 0-3 1.2-3 2.5 0 1-.7 1.7-2 2 3 .8 6.5 0 6.5-3z",
  chords: ["B"],
  phaseTool: "brush",
  beginsObjects: true,
});

export const eraserTool = defineTool({
  ...strokes(true),
  id: "eraser",
  label: "Eraser",
  icon: "M6.5 13 2.8 9.3a1 1 0 0 1 0-1.4l5-5a1 1 0 0 1 1.4 0l4 4a1 1 0 0 1 0 1.4L8.5 13zM5 5.7 10.3 11M6.5 13H14",
  chords: ["E"],
  phaseTool: "eraser",
  beginsObjects: false,
});
