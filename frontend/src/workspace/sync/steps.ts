import { showToast } from "@/ui/toasts";
import type { WorkspaceParts } from "../state/actions";
import { isLocked } from "../state/locks";
import { listedObjects } from "../state/selectors";
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

/** Says that a prompt has the model draw a mask that was painted. */
export function tellOfPainting(parts: WorkspaceParts): void {
  const run = () => takeStep(parts, "undo");
  showToast("The model draws this mask anew; what was painted here is replaced", { label: "Undo", run });
}

interface Deletion {
  readonly object: ObjectKey;
  readonly name: string;
  /** The action that the deletion became. */
  readonly step: string;
}

/** Takes back one deletion and nothing else, whatever was done since. */
export function undoDeletion(
  { store, outbox, activity }: WorkspaceParts,
  { object, name, step }: Deletion,
): void {
  if (listedObjects(store.getState()).some(({ key }) => key === object)) {
    showToast(`${name} is back already`);
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
