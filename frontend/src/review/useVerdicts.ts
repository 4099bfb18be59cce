import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { type Dispatch, useRef } from "react";
import { newActionId } from "@/api/client";
import { repeated } from "@/api/holdup";
import { messageOf } from "@/api/problem";
import { reviewQuery } from "@/api/queries";
import { recordVerdict, withdrawVerdict } from "@/api/review";
import type { Id, ReviewItem, VerdictResult, VerdictValue } from "@/api/types";
import { dismissToast, showFailure, showToast } from "@/ui/toasts";
import type { Remarks, ReviewEvent } from "./queue/reviewQueue";

/** Sends verdicts in the background, reports each in a toast, and withdraws the last on undo. */
export function useVerdicts(projectId: Id, dispatch: Dispatch<ReviewEvent>) {
  const queryClient = useQueryClient();
  const underway = useRef(new Map<Id, Promise<VerdictResult>>());
  const toast = useRef(0);

  function give(item: ReviewItem, verdict: VerdictValue, { reasons, note, frame }: Remarks) {
    const { id, version } = item.masklet;
    const words = note.trim();
    const edit = { maskletId: id, version, actionId: newActionId() };
    const body = { verdict, reasons, note: words === "" ? null : words, frame_index: frame };
    const sent = repeated(() => recordVerdict(edit, body));
    underway.current.set(id, sent);
    sent.then(
      () => {
        changeQueue(queryClient, projectId, (items) => items.filter((other) => other.masklet.id !== id));
        dispatch({ type: "settled", id });
        // What was judged may have been one page of the queue.
        const { queryKey } = reviewQuery(projectId);
        if (queryClient.getQueryData(queryKey)?.length === 0)
          void queryClient.invalidateQueries({ queryKey });
        void queryClient.invalidateQueries({ queryKey: ["projects"], refetchType: "inactive" });
      },
      (failure: unknown) => {
        dismissToast(toast.current);
        dispatch({ type: "returned", id });
        showFailure(`${nameOf(item)}: ${messageOf(failure)}`);
        void queryClient.invalidateQueries({ queryKey: reviewQuery(projectId).queryKey });
      },
    );
    dismissToast(toast.current);
    toast.current = showToast(`${nameOf(item)}: ${verdict}`, {
      label: "Undo",
      run: () => void takeBack(item),
    });
  }

  async function takeBack(item: ReviewItem) {
    const { id } = item.masklet;
    dismissToast(toast.current);
    try {
      // The verdict must have arrived before it can be withdrawn.
      const given = await underway.current.get(id);
      const version = given?.masklet.version ?? item.masklet.version;
      const edit = { maskletId: id, version, actionId: newActionId() };
      await repeated(() => withdrawVerdict(edit));
      changeQueue(queryClient, projectId, (items) => withItem(items, item));
      dispatch({ type: "returned", id });
      await queryClient.invalidateQueries({ queryKey: ["projects", projectId] });
    } catch (failure) {
      showFailure(`The verdict could not be taken back: ${messageOf(failure)}`);
    }
  }

  return { give, takeBack };
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
