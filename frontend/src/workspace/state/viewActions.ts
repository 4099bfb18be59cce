import type { OverlayMode } from "@/canvas/scene";
import { around, centred, fit } from "@/geometry/viewport";
import { eachColumnPiece, type Runs } from "@/masks/runs";
import { shownObjects } from "../classes/shownObjects";
import type { ObjectKey } from "../sync/writes";
import type { ToolId } from "../tools/registry";
import { mayTake } from "./phaseBook";
import { frameOnStage, shownShape } from "./selectors";
import type { WorkspaceStore } from "./store";

const MODES: readonly OverlayMode[] = ["both", "fill", "contour"];
const SMALLEST_BRUSH = 0.5;
const LARGEST_BRUSH = 200;

/** What a person can do to their own view; nothing here is saved or sent. */
export class ViewActions {
  readonly #store: WorkspaceStore;

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  takeTool(tool: ToolId): void {
    if (mayTake(this.#store.getState(), tool)) this.#store.setState({ tool });
  }

  swapBrush(): void {
    this.takeTool(this.#store.getState().tool === "brush" ? "eraser" : "brush");
  }

  setBrush(radius: number): void {
    this.#store.setState({ brushRadius: Math.min(Math.max(radius, SMALLEST_BRUSH), LARGEST_BRUSH) });
  }

  scaleBrush(factor: number): void {
    this.setBrush(this.#store.getState().brushRadius * factor);
  }

  /** Hides or shows an object; the selected one unless another is given. */
  toggleHidden(object?: ObjectKey): void {
    const key = object ?? this.#store.getState().selected;
    if (key === null) return;
    this.#store.setState(({ hidden }) => {
      const next = new Set(hidden);
      if (!next.delete(key)) next.add(key);
      return { hidden: next };
    });
  }

  togglePeek(): void {
    this.#store.setState(({ peeking }) => ({ peeking: !peeking }));
  }

  cycleOverlay(): void {
    this.#store.setState(({ overlay }) => {
      const mode = MODES[(MODES.indexOf(overlay.mode) + 1) % MODES.length] ?? "both";
      return { overlay: { ...overlay, mode } };
    });
  }

  toggleColorBy(): void {
    this.#store.setState(({ colorBy }) => ({ colorBy: colorBy === "class" ? "object" : "class" }));
  }

  setOpacity(opacity: number): void {
    this.#store.setState(({ overlay }) => ({ overlay: { ...overlay, opacity } }));
  }

  fit(): void {
    this.#store.setState(({ video, stageSize }) => ({ view: fit(video, stageSize) }));
  }

  actualSize(): void {
    this.#store.setState(({ video, stageSize }) => ({ view: centred(video, stageSize, 1) }));
  }

  zoomToObject(): void {
    const state = this.#store.getState();
    const shape = state.selected === null ? null : shownShape(state, state.selected, frameOnStage(state));
    if (shape === null || shape.runs.length === 0) return;
    this.#store.setState({ view: around(bounds(shape.runs, state.video.height), state.stageSize, 8) });
  }

  /** There is nothing to save; the saved chip says so. */
  pulseSaved(): void {
    this.#store.setState(({ savePulse }) => ({ savePulse: savePulse + 1 }));
  }

  openSheet(sheetOpen: boolean): void {
    this.#store.setState({ sheetOpen });
  }

  markLoop(end: "first" | "last"): void {
    this.#store.setState(({ loopMarks, frameIndex, video }) => {
      const marks = { ...loopMarks, [end]: frameIndex };
      const first = marks.first ?? 0;
      const last = marks.last ?? video.numFrames - 1;
      // A mark beyond the other one starts over with that end open.
      if (first >= last) return { loopMarks: { first: null, last: null, [end]: frameIndex }, loop: null };
      return { loopMarks: marks, loop: { first, last } };
    });
  }

  toggleLoop(): void {
    this.#store.setState(({ loop, loopMarks, video }) => ({
      loop:
        loop === null ? { first: loopMarks.first ?? 0, last: loopMarks.last ?? video.numFrames - 1 } : null,
    }));
  }

  /** The object `steps` rows further down the list, round its end; null when the list is empty. */
  neighbour(steps: number): ObjectKey | null {
    const state = this.#store.getState();
    const keys = shownObjects(state).map(({ key }) => key);
    if (keys.length === 0) return null;
    const at = state.selected === null ? (steps > 0 ? -1 : 0) : keys.indexOf(state.selected);
    return keys[(at + steps + keys.length) % keys.length] ?? null;
  }
}

/** [x, y, width, height] of a mask. */
function bounds(runs: Runs, height: number): [number, number, number, number] {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  eachColumnPiece(runs, height, (x, y0, y1) => {
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y0);
    bottom = Math.max(bottom, y1);
  });
  return [left, top, right - left, bottom - top];
}
