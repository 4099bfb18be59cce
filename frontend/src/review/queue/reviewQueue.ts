import type { Id, ReviewItem, VerdictValue } from "@/api/types";

/** A verdict given on this page; until it is settled the server may still refuse it. */
export interface Decision {
  readonly item: ReviewItem;
  readonly verdict: VerdictValue;
  readonly settled: boolean;
}

/** What is said with "unsatisfactory", while it is being written. */
export interface Remarks {
  readonly reasons: readonly string[];
  readonly note: string;
  /** The frame on which it shows; null when it is not one frame. */
  readonly frame: number | null;
}

export const NO_REMARKS: Remarks = { reasons: [], note: "", frame: null };

export interface ReviewState {
  readonly selected: Id | null;
  /** Skipped masklets; they come last. */
  readonly skipped: readonly Id[];
  /** Oldest first; undo withdraws the last. */
  readonly decisions: readonly Decision[];
  /** True while a reason is asked for. */
  readonly choosingReason: boolean;
  readonly remarks: Remarks;
}

export type ReviewEvent =
  | { readonly type: "selected"; readonly id: Id }
  | { readonly type: "reason-asked" }
  | { readonly type: "reason-dismissed" }
  | { readonly type: "reason-toggled"; readonly reason: string }
  | { readonly type: "remarked"; readonly remarks: Partial<Remarks> }
  | {
      readonly type: "decided";
      readonly item: ReviewItem;
      readonly verdict: VerdictValue;
      readonly next: Id | null;
    }
  | { readonly type: "skipped"; readonly id: Id; readonly next: Id | null }
  | { readonly type: "settled"; readonly id: Id }
  /** Withdrawn by the person, or rejected by the server. */
  | { readonly type: "returned"; readonly id: Id };

export const EMPTY_REVIEW: ReviewState = {
  selected: null,
  skipped: [],
  decisions: [],
  choosingReason: false,
  remarks: NO_REMARKS,
};

const CLOSED = { choosingReason: false, remarks: NO_REMARKS } as const;

export function reduceReview(state: ReviewState, event: ReviewEvent): ReviewState {
  switch (event.type) {
    case "selected":
      return { ...state, selected: event.id, ...CLOSED };
    case "reason-asked":
      return { ...state, choosingReason: true };
    case "reason-dismissed":
      return { ...state, ...CLOSED };
    case "reason-toggled": {
      const { reasons } = state.remarks;
      const kept = without(reasons, event.reason);
      const toggled = kept.length < reasons.length ? kept : [...reasons, event.reason];
      return { ...state, remarks: { ...state.remarks, reasons: toggled } };
    }
    case "remarked":
      return { ...state, remarks: { ...state.remarks, ...event.remarks } };
    case "decided": {
      const decision = { item: event.item, verdict: event.verdict, settled: false };
      return {
        selected: event.next,
        skipped: without(state.skipped, event.item.masklet.id),
        decisions: [...state.decisions, decision],
        ...CLOSED,
      };
    }
    case "skipped": {
      const skipped = [...without(state.skipped, event.id), event.id];
      return { ...state, selected: event.next, skipped, ...CLOSED };
    }
    case "settled": {
      const decisions = state.decisions.map((decision) =>
        decision.item.masklet.id === event.id ? { ...decision, settled: true } : decision,
      );
      return { ...state, decisions };
    }
    case "returned": {
      const decisions = state.decisions.filter((decision) => decision.item.masklet.id !== event.id);
      return { ...state, selected: event.id, decisions, ...CLOSED };
    }
    default:
      return event satisfies never;
  }
}

/**
 * The masklets left, riskiest first as the server sorts them, skipped ones last. An earlier page may have given
 * verdicts that are still `waiting`.
 */
export function queueOf(
  items: readonly ReviewItem[],
  state: ReviewState,
  waiting: readonly Id[] = [],
): readonly ReviewItem[] {
  const unsettled = state.decisions.filter((decision) => !decision.settled);
  const underway = new Set([...waiting, ...unsettled.map((decision) => decision.item.masklet.id)]);
  const open = items.filter((item) => !underway.has(item.masklet.id));
  const isSkipped = (item: ReviewItem) => state.skipped.includes(item.masklet.id);
  const skipped = state.skipped.flatMap((id) => open.filter((item) => item.masklet.id === id));
  return [...open.filter((item) => !isSkipped(item)), ...skipped];
}

export function currentOf(queue: readonly ReviewItem[], state: ReviewState): ReviewItem | null {
  return queue.find((item) => item.masklet.id === state.selected) ?? queue[0] ?? null;
}

/** The next or previous masklet, wrapping around; null when there is no other. */
export function neighbourOf(queue: readonly ReviewItem[], id: Id, step: 1 | -1): Id | null {
  const at = queue.findIndex((item) => item.masklet.id === id);
  const next = queue[(at + step + queue.length) % queue.length];
  return next === undefined || next.masklet.id === id ? null : next.masklet.id;
}

/** Annotated frames without a mask; a masklet with gaps cannot be satisfactory. */
export function numMissing(item: ReviewItem): number {
  return Math.max(0, item.num_frames - item.num_annotated_frames);
}

export const REASONS = [
  "wrong object",
  "lost",
  "boundary",
  "missing part",
  "extra part",
  "identity swap",
] as const;

function without(words: readonly string[], word: string): readonly string[] {
  return words.filter((other) => other !== word);
}
