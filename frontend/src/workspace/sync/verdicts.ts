import type { Masklet } from "@/api/types";
import type { Replica } from "./replica";

/** What to say of verdicts that held before a change and do not any more. A deletion takes its object along. */
export function voidedWords(
  { replica: before }: { readonly replica: Replica },
  { replica: after }: { readonly replica: Replica },
): readonly string[] {
  return [...after.masklets.values()].flatMap((masklet) => {
    const verdict = before.masklets.get(masklet.id)?.verdict ?? null;
    return verdict === null || masklet.verdict !== null || masklet.deleted
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
