import type { Id } from "@/api/types";
import { showToast } from "@/ui/toasts";
import type { WorkspaceParts } from "../state/actions";
import { isLocked } from "../state/locks";
import { listedObjects, maskWords } from "../state/selectors";
import type { WorkspaceState } from "../state/store";
import type { ObjectKey } from "./writes";

/** Undoes or redoes one's own last step, or says why it stays. */
export function takeStep({ store, outbox, activity }: WorkspaceParts, kind: "undo" | "redo"): void {
  const { replica, queue } = store.getState();
  const limit = replica.history[`${kind}_limit`];
  if (queue.length === 0 && replica.history[kind] === null && limit !== null) {
    showToast(limit);
    return;
  }
  activity.note("edit", { what: kind });
  outbox.add({ kind });
}

/** A step that a message offers to take back. */
interface Offered {
  /** The action that it became. */
  readonly step: Id;
  /** What to say where there is nothing to take back any more. */
  readonly isBack: string;
  readonly back: (state: WorkspaceState) => boolean;
}

/** Says that a prompt has the model draw a mask that was painted, and offers to take the prompt back. */
export function tellOfPainting(
  parts: WorkspaceParts,
  { object, frame, step }: { readonly object: ObjectKey; readonly frame: number; readonly step: Id },
): void {
  const back = (state: WorkspaceState) => maskWords(state, object, frame) === "edited";
  const run = () => undoStep(parts, { step, back, isBack: "What was painted is back already" });
  showToast("The model draws this mask anew; what was painted here is replaced", { label: "Undo", run });
}

/** Says that an object is deleted, and offers to bring it back. */
export function tellOfDeletion(
  parts: WorkspaceParts,
  { object, name, step }: { readonly object: ObjectKey; readonly name: string; readonly step: Id },
): void {
  const back = (state: WorkspaceState) => listedObjects(state).some(({ key }) => key === object);
  const run = () => undoStep(parts, { step, back, isBack: `${name} is back already` });
  showToast(`${name} deleted`, { label: "Undo", run });
}

/** Takes back one step and nothing else, whatever was done since. */
function undoStep({ store, outbox, activity }: WorkspaceParts, { step, back, isBack }: Offered): void {
  if (back(store.getState())) {
    showToast(isBack);
    return;
  }
  activity.note("edit", { what: "undo" });
  outbox.add({ kind: "undo", step });
}

/** Unlocks the frame that a message named, wherever the person is by now. */
export function unlock({ store, outbox, activity }: WorkspaceParts, object: ObjectKey, frame: number): void {
  if (!isLocked(store.getState(), object, frame)) return;
  activity.note("edit", { what: "unlock", first: frame, last: frame });
  outbox.add({ kind: "lock", object, first: frame, last: frame, locked: false });
}
