import type { Id, Masklet } from "@/api/types";
import { heldTask, type LeaseState } from "../state/leaseState";
import type { Replica } from "./replica";
import { objectsOf, type PendingWrite } from "./writes";

interface Now {
  readonly replica: Replica;
  readonly lease: LeaseState;
  readonly queue: readonly PendingWrite[];
}

/**
 * What to say of verdicts that held before a change and do not any more. A deletion takes its object along, and whoever
 * refines an object was asked to.
 */
export function voidedWords(
  { replica: before }: { readonly replica: Replica },
  { replica: after, lease, queue }: Now,
): readonly string[] {
  return [...after.masklets.values()].flatMap((masklet) => {
    const verdict = before.masklets.get(masklet.id)?.verdict ?? null;
    const refined = heldTask(lease)?.kind === "refine" && heldTask(lease)?.masklet_id === masklet.id;
    return verdict === null || masklet.verdict !== null || masklet.deleted || refined
      ? []
      : [wordsOf(masklet, verdict, isOwn(masklet.id, after, queue))];
  });
}

/** Whether one's own edit was the last of an object, also where it is heard of before its answer has come. */
function isOwn(id: Id, { history }: Replica, queue: readonly PendingWrite[]): boolean {
  const underWay = queue.some(({ state, write }) => state === "sending" && objectsOf(write).includes(id));
  return underWay || history.undo?.masklet_id === id;
}

function wordsOf(masklet: Masklet, verdict: string, own: boolean): string {
  const what = `the verdict "${verdict}" on ${masklet.name}`;
  return own
    ? `Your edit ended ${what}; undo brings it back.`
    : `Its masks were changed or it was taken back: ${what} no longer holds.`;
}
