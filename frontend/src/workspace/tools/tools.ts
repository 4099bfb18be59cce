import { boxTool } from "./boxTool";
import { brushTool, eraserTool } from "./brushTool";
import { pointTool } from "./pointTool";
import { selectTool } from "./selectTool";
import type { Gesture, PaintInput, PointerInput, Step, Tool, ToolName } from "./tool";

/** A tool together with its state: what the stage holds while a tool is chosen. */
export interface ToolInHand {
  readonly name: ToolName;
  readonly cursor: string;
  readonly busy: boolean;
  /** Takes an input; answers with a finished gesture, if that was one. */
  readonly take: (input: PointerInput) => Gesture | undefined;
  readonly paint: (context: CanvasRenderingContext2D, input: PaintInput) => void;
  readonly stroke: () => ReturnType<NonNullable<Tool<unknown>["strokeOf"]>>;
}

function hold<S>(name: ToolName, tool: Tool<S>): ToolInHand {
  let state = tool.initial;
  return {
    name,
    cursor: tool.cursor,
    get busy() {
      return state !== tool.initial;
    },
    take: (input) => {
      const step: Step<S> = tool.reduce(state, input);
      state = step.state;
      return step.gesture;
    },
    paint: (context, input) => tool.paint(context, state, input),
    stroke: () => tool.strokeOf?.(state) ?? null,
  };
}

const HANDS: Record<ToolName, () => ToolInHand> = {
  select: () => hold("select", selectTool),
  point: () => hold("point", pointTool),
  box: () => hold("box", boxTool),
  brush: () => hold("brush", brushTool),
  eraser: () => hold("eraser", eraserTool),
};

export function pickUp(name: ToolName): ToolInHand {
  return HANDS[name]();
}
