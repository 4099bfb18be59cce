import type { Masklet } from "@/api/types";
import { heldTask, type LeaseState } from "../state/leaseState";
import type { Replica } from "./replica";

/**
 * What to say of verdicts that held before a change and do not any more. A deletion takes its object along, and whoever
 * refines an object was asked to.
 */
export function voidedWords(
  { replica: before }: { readonly replica: Replica },
  { replica: after, lease }: { readonly replica: Replica; readonly lease: LeaseState },
): readonly string[] {
  return [...after.masklets.values()].flatMap((masklet) => {
    const verdict = before.masklets.get(masklet.id)?.verdict ?? null;
    const refined = heldTask(lease)?.kind === "refine" && heldTask(lease)?.masklet_id === masklet.id;
    return verdict === null || masklet.verdict !== null || masklet.deleted || refined
      ? []
      : [wordsOf(masklet, verdict, after)];
  });
}

function wordsOf(masklet: Masklet, verdict: string, { history }: Replica): string {
  const what = `the verdict "${verdict}" on ${masklet.name}`;
  return history.undo?.masklet_id === masklet.id
    ? `Your edit ended ${what}; undo brings it back.`
    : `Its masks were changed or it was taken back: ${what} no longer holds.`;
}
