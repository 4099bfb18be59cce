import type { ScreenPoint, VideoBox, VideoPoint } from "@/geometry/points";
import type { Viewport } from "@/geometry/viewport";

export type ToolName = "select" | "point" | "box" | "brush" | "eraser";

/** What a pointer does on the stage, in both spaces; `cancel` comes from Escape and lost pointers. */
export type PointerInput =
  | {
      readonly type: "down" | "move" | "up";
      readonly video: VideoPoint;
      readonly screen: ScreenPoint;
      /** Right button, Alt or Shift: the click says "not this". */
      readonly negative: boolean;
      /** Shift: a brush draws a straight line. */
      readonly straight: boolean;
    }
  | { readonly type: "cancel" };

/** What a finished gesture asks for. Tools never touch the store. */
export type Gesture =
  | { readonly kind: "click"; readonly at: VideoPoint; readonly positive: boolean }
  | { readonly kind: "box"; readonly box: VideoBox }
  | { readonly kind: "stroke"; readonly points: readonly VideoPoint[]; readonly erases: boolean }
  | { readonly kind: "select"; readonly at: VideoPoint };

export interface Step<S> {
  readonly state: S;
  readonly gesture?: Gesture;
}

export interface PaintInput {
  readonly view: Viewport;
  /** Where the pointer rests, null when it is not on the stage. */
  readonly pointer: ScreenPoint | null;
  readonly brushRadius: number;
  readonly color: string;
}

/** A tool: a union of gerund states, a pure reducer, a pure painter. */
export interface Tool<S> {
  readonly initial: S;
  readonly reduce: (state: S, input: PointerInput) => Step<S>;
  readonly paint: (context: CanvasRenderingContext2D, state: S, input: PaintInput) => void;
  readonly cursor: string;
  /** Points painted so far by a gesture in progress, for the live preview of brushes. */
  readonly strokeOf?: (
    state: S,
  ) => { readonly points: readonly VideoPoint[]; readonly erases: boolean } | null;
}

/** Movement below this is a click, not a drag (CSS pixels). */
export const CLICK_SLACK = 4;
