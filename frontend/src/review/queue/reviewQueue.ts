import type { Id, ReviewItem, VerdictValue } from "@/api/types";

/** A verdict given on this page; until it is settled the server may still refuse it. */
export interface Decision {
  readonly item: ReviewItem;
  readonly verdict: VerdictValue;
  readonly settled: boolean;
}

export interface ReviewState {
  readonly selected: Id | null;
  /** Skipped masklets; they come last. */
  readonly skipped: readonly Id[];
  /** Oldest first; undo withdraws the last. */
  readonly decisions: readonly Decision[];
  /** True while a reason is asked for. */
  readonly choosingReason: boolean;
}

export type ReviewEvent =
  | { readonly type: "selected"; readonly id: Id }
  | { readonly type: "reason-asked" }
  | { readonly type: "reason-dismissed" }
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
};

export function reduceReview(state: ReviewState, event: ReviewEvent): ReviewState {
  switch (event.type) {
    case "selected":
      return { ...state, selected: event.id, choosingReason: false };
    case "reason-asked":
      return { ...state, choosingReason: true };
    case "reason-dismissed":
      return { ...state, choosingReason: false };
    case "decided": {
      const decision = { item: event.item, verdict: event.verdict, settled: false };
      return {
        selected: event.next,
        skipped: without(state.skipped, event.item.masklet.id),
        decisions: [...state.decisions, decision],
        choosingReason: false,
      };
    }
    case "skipped": {
      const skipped = [...without(state.skipped, event.id), event.id];
      return { ...state, selected: event.next, skipped, choosingReason: false };
    }
    case "settled": {
      const decisions = state.decisions.map((decision) =>
        decision.item.masklet.id === event.id ? { ...decision, settled: true } : decision,
      );
      return { ...state, decisions };
    }
    case "returned": {
      const decisions = state.decisions.filter((decision) => decision.item.masklet.id !== event.id);
      return { ...state, selected: event.id, decisions, choosingReason: false };
    }
    default:
      return event satisfies never;
  }
}

/** The masklets left, riskiest first as the server sorts them, skipped ones last. */
export function queueOf(items: readonly ReviewItem[], state: ReviewState): readonly ReviewItem[] {
  const underway = new Set(
    state.decisions.filter((decision) => !decision.settled).map((decision) => decision.item.masklet.id),
  );
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

function without(ids: readonly Id[], id: Id): readonly Id[] {
  return ids.filter((other) => other !== id);
}
