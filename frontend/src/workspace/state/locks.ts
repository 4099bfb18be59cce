import type { FrameRange } from "@/video/frameRange";
import type { ObjectKey } from "../sync/writes";
import { frameOnStage, frameStateOf } from "./selectors";
import type { WorkspaceState } from "./store";

/** Whether nothing may change an object's mask on a frame, as the person left it, sent or not. */
export function isLocked(state: WorkspaceState, object: ObjectKey, frameIndex: number): boolean {
  const pending = state.queue.findLast(
    ({ write }) =>
      write.kind === "lock" &&
      write.object === object &&
      write.first <= frameIndex &&
      frameIndex <= write.last,
  )?.write;
  if (pending?.kind === "lock") return pending.locked;
  return frameStateOf(state, object, frameIndex)?.locked ?? false;
}

/** Whether the selected object is locked on the frame the person sees. */
export function isLockedHere(state: WorkspaceState): boolean {
  return state.selected !== null && isLocked(state, state.selected, frameOnStage(state));
}

/** What the lock key is about: the marked range, else the frame the person sees. */
export function rangeInHand(state: WorkspaceState): FrameRange {
  const here = frameOnStage(state);
  return state.range ?? { first: here, last: here };
}

/** Whether the lock key would lock: some frame of the range is not locked yet. */
export function wouldLock(state: WorkspaceState, object: ObjectKey): boolean {
  const { first, last } = rangeInHand(state);
  for (let frame = first; frame <= last; frame += 1) if (!isLocked(state, object, frame)) return true;
  return false;
}
