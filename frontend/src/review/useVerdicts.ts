import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type Dispatch, useRef } from "react";
import { messageOf } from "@/api/problem";
import { reviewQuery } from "@/api/queries";
import type { Id, ReviewItem, VerdictResult, VerdictValue } from "@/api/types";
import type { Settlement } from "@/outcomes/outcomeKeeper";
import { outcomes } from "@/outcomes/outcomes";
import { dismissToast, showFailure, showToast } from "@/ui/toasts";
import type { Remarks, ReviewEvent } from "./queue/reviewQueue";

/** Sends verdicts in the background, reports each in a toast, and withdraws the last on undo. */
export function useVerdicts(projectId: Id, dispatch: Dispatch<ReviewEvent>) {
  const queryClient = useQueryClient();
  const underway = useRef(new Map<Id, { readonly id: Id; readonly settled: Promise<Settlement> }>());
  const toast = useRef(0);
  const place = `/projects/${projectId}/review`;

  function give(item: ReviewItem, verdict: VerdictValue, { reasons, note, frame }: Remarks) {
    const { id, version } = item.masklet;
    const words = note.trim();
    const body = { verdict, reasons, note: words === "" ? null : words, frame_index: frame };
    const name = `${nameOf(item)}: ${verdict}`;
    const outcome = { kind: "verdict", maskletId: id, version, body } as const;
    const pressed = outcomes.press({ outcome, name, done: name, place });
    underway.current.set(id, pressed);
    dismissToast(toast.current);
    void pressed.settled.then((settlement) => {
      if (settlement.at === "done") {
        changeQueue(queryClient, projectId, (items) => items.filter((other) => other.masklet.id !== id));
        dispatch({ type: "settled", id });
        toast.current = showToast(name, { label: "Undo", run: () => void takeBack(item) });
        // What was judged may have been one page of the queue.
        const { queryKey } = reviewQuery(projectId);
        if (queryClient.getQueryData(queryKey)?.length === 0)
          void queryClient.invalidateQueries({ queryKey });
        return;
      }
      dispatch({ type: "returned", id });
      if (settlement.at === "refused" && !settlement.kept)
        showFailure(`${nameOf(item)}: ${messageOf(settlement.error)}`);
    });
  }

  async function takeBack(item: ReviewItem) {
    const { id } = item.masklet;
    dismissToast(toast.current);
    const given = underway.current.get(id);
    if (given !== undefined) outcomes.takeBack(given.id);
    const verdict = await given?.settled;
    if (verdict !== undefined && verdict.at !== "done") return; // it never arrived
    const version = versionAfter(verdict, item);
    const name = `Withdraw the verdict on ${nameOf(item)}`;
    const done = `${nameOf(item)}: the verdict is withdrawn`;
    const outcome = { kind: "withdrawal", maskletId: id, version } as const;
    const settlement = await outcomes.press({ outcome, name, done, place }).settled;
    if (settlement.at === "refused" && !settlement.kept)
      showFailure(`The verdict could not be taken back: ${messageOf(settlement.error)}`);
    if (settlement.at !== "done") return;
    changeQueue(queryClient, projectId, (items) => withItem(items, item));
    dispatch({ type: "returned", id });
    await queryClient.invalidateQueries({ queryKey: ["projects", projectId] });
  }

  return { give, takeBack };
}

/** The masklet's version once the verdict is recorded, which raises it by one. */
function versionAfter(verdict: Settlement | undefined, { masklet }: ReviewItem): number {
  if (verdict?.at !== "done") return masklet.version;
  const result = verdict.answer as VerdictResult | null; // null where its answer was lost
  return result?.masklet.version ?? masklet.version + 1;
}

function nameOf({ masklet, video_name }: ReviewItem): string {
  return `${masklet.name ?? `Masklet ${masklet.number}`} in ${video_name}`;
}

function changeQueue(
  queryClient: QueryClient,
  projectId: Id,
  change: (items: readonly ReviewItem[]) => readonly ReviewItem[],
): void {
  queryClient.setQueryData(reviewQuery(projectId).queryKey, (items) => items && change(items));
}

function withItem(items: readonly ReviewItem[], item: ReviewItem): readonly ReviewItem[] {
  const others = items.filter((other) => other.masklet.id !== item.masklet.id);
  return [...others, item].toSorted((a, b) => b.risk - a.risk);
}
