/** What a tool is: one record that the rail, the sheet, the tooltips, the phases and the stage read. */
import type { PhaseTool } from "@/api/types";
import type { ScreenPoint, VideoBox, VideoPoint } from "@/geometry/points";
import type { Viewport } from "@/geometry/viewport";
import type { KeyHint } from "@/keys/shortcut";

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

/** A stroke in progress, for the live preview of brushes. */
export interface LiveStroke {
  readonly points: readonly VideoPoint[];
  readonly erases: boolean;
}

/** What is the same whether or not the tool is in use. */
interface ToolFacts<Id extends string> extends KeyHint {
  readonly id: Id;
  /** SVG path in a box of 16 by 16. */
  readonly icon: string;
  /** The tool of a phase that must be allowed for it; null where it changes nothing and is always there. */
  readonly phaseTool: PhaseTool | null;
  /** CSS cursor over the stage. */
  readonly cursor: string;
  /** Whether a gesture with nothing selected begins a new object. */
  readonly beginsObjects: boolean;
  /** Whether it paints with the brush radius. */
  readonly hasRadius: boolean;
}

/** Facts, a union of gerund states, a pure reducer and a pure painter. */
interface ToolRecord<Id extends string, S> extends ToolFacts<Id> {
  readonly initial: S;
  readonly reduce: (state: S, input: PointerInput) => Step<S>;
  readonly paint: (context: CanvasRenderingContext2D, state: S, input: PaintInput) => void;
  readonly strokeOf?: (state: S) => LiveStroke | null;
}

export interface Tool<Id extends string = string> extends ToolFacts<Id> {
  /** Begins anew, from the initial state. */
  readonly pickUp: () => ToolInHand;
}

/** A tool together with its state: what the stage holds while a tool is chosen. */
export interface ToolInHand {
  readonly busy: boolean;
  /** Takes an input; answers with a finished gesture, if that was one. */
  readonly take: (input: PointerInput) => Gesture | undefined;
  readonly paint: (context: CanvasRenderingContext2D, input: PaintInput) => void;
  readonly stroke: () => LiveStroke | null;
}

export function defineTool<const Id extends string, S>(record: ToolRecord<Id, S>): Tool<Id> {
  const { initial, reduce, paint, strokeOf, ...facts } = record;
  const pickUp = (): ToolInHand => {
    let state = initial;
    return {
      get busy() {
        return state !== initial;
      },
      take: (input) => {
        const step = reduce(state, input);
        state = step.state;
        return step.gesture;
      },
      paint: (context, input) => paint(context, state, input),
      stroke: () => strokeOf?.(state) ?? null,
    };
  };
  return { ...facts, pickUp };
}

/** Movement below this is a click, not a drag (CSS pixels). */
export const CLICK_SLACK = 4;
