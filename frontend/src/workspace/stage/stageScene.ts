import type { MaskShape } from "@/canvas/maskShape";
import type { SceneObject, ScenePoint } from "@/canvas/scene";
import { videoPoint } from "@/geometry/points";
import { shownObjects } from "../classes/shownObjects";
import { isWaitingForMask, nextLook, nextNumber, promptsOf, shownShape } from "../state/selectors";
import type { WorkspaceState } from "../state/store";
import type { ObjectKey } from "../sync/writes";

/** The mask of a stroke in progress, shown instead of the object's own; `object` is null for a new one. */
export interface LivePaint {
  readonly object: ObjectKey | null;
  readonly shape: MaskShape;
}

/** The objects to draw on the frame that is on the stage. */
export function sceneObjects(state: WorkspaceState, live: LivePaint | null): readonly SceneObject[] {
  const { shownFrame, selected, hidden, peeking } = state;
  if (shownFrame === null || peeking) return [];
  const objects = shownObjects(state);
  const someSelected = objects.some(({ key }) => key === selected);
  const drawn = objects.flatMap(({ key, number, look }) => {
    if (hidden.has(key)) return [];
    const shape = live?.object === key ? live.shape : shownShape(state, key, shownFrame);
    if (shape === null) return [];
    return [{ number, look, shape, selected: key === selected, dimmed: someSelected && key !== selected }];
  });
  if (live === null || live.object !== null) return drawn;
  const number = nextNumber(state);
  return [...drawn, { number, look: nextLook(state), shape: live.shape, selected: true, dimmed: false }];
}

/** The selected object's prompts on the frame that is on the stage. */
export function scenePrompts(state: WorkspaceState): {
  readonly points: readonly ScenePoint[];
  readonly box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number } | null;
  readonly waiting: boolean;
} {
  const { selected, shownFrame, peeking } = state;
  if (selected === null || shownFrame === null || peeking) return { points: [], box: null, waiting: false };
  const { clicks, box } = promptsOf(state, selected, shownFrame);
  const waiting = isWaitingForMask(state, selected, shownFrame);
  const points = clicks.map((click, i) => ({
    // A click names a pixel; its dot sits in that pixel's middle.
    at: videoPoint(click.x + 0.5, click.y + 0.5),
    positive: click.label === "positive",
    waiting: waiting && i === clicks.length - 1,
  }));
  return { points, box, waiting };
}

/** Whether the picture layer must be redrawn. */
export function pictureChanged(state: WorkspaceState, before: WorkspaceState): boolean {
  return (
    state.shownFrame !== before.shownFrame ||
    state.view !== before.view ||
    (state.playRate === 0) !== (before.playRate === 0)
  );
}

/** Whether the layers above it must; masks arriving for other frames change nothing. */
export function masksChanged(state: WorkspaceState, before: WorkspaceState): boolean {
  const same =
    state.selected === before.selected &&
    state.hidden === before.hidden &&
    state.peeking === before.peeking &&
    state.overlay === before.overlay &&
    state.colorBy === before.colorBy &&
    state.classFilter === before.classFilter &&
    state.ontology === before.ontology &&
    state.drafts === before.drafts &&
    state.queue === before.queue &&
    state.refusedEdits === before.refusedEdits &&
    state.brushRadius === before.brushRadius &&
    state.replica.masklets === before.replica.masklets;
  return !same || framesChanged(state, before);
}

function framesChanged(state: WorkspaceState, before: WorkspaceState): boolean {
  const frame = state.shownFrame;
  const [now, then] = [state.replica.lanes, before.replica.lanes];
  if (now === then || frame === null) return false;
  for (const [object, lane] of now) {
    if (lane.get(frame) !== then.get(object)?.get(frame)) return true;
  }
  return false;
}
