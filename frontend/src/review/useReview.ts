import { useQuery } from "@tanstack/react-query";
import { useReducer } from "react";
import { projectQuery, reviewQuery } from "@/api/queries";
import type { Id, VerdictValue } from "@/api/types";
import type { KeptOutcome } from "@/outcomes/outcome";
import { useOutcomes } from "@/outcomes/outcomes";
import { countText } from "@/ui/numbers";
import { showFailure } from "@/ui/toasts";
import {
  currentOf,
  EMPTY_REVIEW,
  NO_REMARKS,
  neighbourOf,
  numMissing,
  queueOf,
  type Remarks,
  reduceReview,
} from "./queue/reviewQueue";
import { useVerdicts } from "./useVerdicts";

export type Review = ReturnType<typeof useReview>;

/** A project's review queue and its actions. A verdict moves on at once and is sent in the background. */
export function useReview(projectId: Id, opened: Id | null) {
  const { data: items, error, refetch } = useQuery(reviewQuery(projectId, opened));
  const mayJudge = useQuery(projectQuery(projectId)).data?.allowed.includes("verify") ?? false;
  const [state, dispatch] = useReducer(reduceReview, { ...EMPTY_REVIEW, selected: opened });
  const waiting = useOutcomes().filter(isVerdict);
  const queue = queueOf(items ?? [], state, waiting.map(maskletOf));
  const current = currentOf(queue, state);

  const verdicts = useVerdicts(projectId, dispatch);

  function decide(verdict: VerdictValue) {
    if (!current || !mayJudge) return;
    const missing = numMissing(current);
    if (verdict === "satisfactory" && missing > 0) {
      showFailure(
        `${countText(missing, "annotated frame")} of it have no mask yet, so it cannot be satisfactory.`,
      );
      return;
    }
    dispatch({ type: "decided", item: current, verdict, next: neighbourOf(queue, current.masklet.id, 1) });
    verdicts.give(current, verdict, verdict === "unsatisfactory" ? state.remarks : NO_REMARKS);
  }

  function undo() {
    const last = state.decisions.at(-1);
    if (last) void verdicts.takeBack(last.item);
  }

  function skip() {
    if (current) {
      const { id } = current.masklet;
      dispatch({ type: "skipped", id, next: neighbourOf(queue, id, 1) });
    }
  }

  function move(step: 1 | -1) {
    const id = current && neighbourOf(queue, current.masklet.id, step);
    if (id) dispatch({ type: "selected", id });
  }

  return {
    items,
    error,
    retry: () => void refetch(),
    queue,
    current,
    skipped: state.skipped,
    numDecided: state.decisions.filter(({ settled }) => settled).length,
    waiting: waiting.filter((kept) => kept.state.at !== "sending" && kept.attended),
    mayJudge,
    choosingReason: state.choosingReason,
    canUndo: state.decisions.length > 0,
    select: (id: Id) => dispatch({ type: "selected", id }),
    askReason: () => current && mayJudge && dispatch({ type: "reason-asked" }),
    dismissReason: () => dispatch({ type: "reason-dismissed" }),
    remarks: state.remarks,
    toggleReason: (reason: string) => dispatch({ type: "reason-toggled", reason }),
    remark: (remarks: Partial<Remarks>) => dispatch({ type: "remarked", remarks }),
    decide,
    undo,
    skip,
    move,
  };
}

/** A verdict, or the withdrawal of one, that is not answered yet. */
function isVerdict({ outcome, state }: KeptOutcome): boolean {
  return (outcome.kind === "verdict" || outcome.kind === "withdrawal") && state.at !== "refused";
}

function maskletOf({ outcome }: KeptOutcome): Id {
  return "maskletId" in outcome ? outcome.maskletId : "";
}
