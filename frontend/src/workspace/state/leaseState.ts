import type { ClaimedTask, Id, Task, VideoLease } from "@/api/types";
import type { Lane } from "../sync/replica";

/**
 * Whether this window works on a task. Without one a person may work freely, unless somebody else holds the video;
 * a lost task is one that was handed on meanwhile.
 */
export type LeaseState =
  | { readonly at: "unknown" }
  | { readonly at: "free"; readonly others: readonly Task[]; readonly waiting: readonly Task[] }
  /** `held` are all tasks that one holds here, and `claimed` the one that is in hand. */
  | { readonly at: "held"; readonly claimed: ClaimedTask; readonly held: readonly ClaimedTask[] }
  | { readonly at: "lost"; readonly task: Task };

export const LEASE_UNKNOWN: LeaseState = { at: "unknown" };

/** The state after the server's answer; a held task that is no longer ours is lost. */
export function leaseAfter(before: LeaseState, { own, held, others, waiting }: VideoLease): LeaseState {
  const inHand =
    before.at === "held" ? held.find(({ task }) => task.id === before.claimed.task.id) : undefined;
  const claimed = inHand ?? own;
  if (claimed !== null) return { at: "held", claimed, held };
  if (before.at === "held") return { at: "lost", task: before.claimed.task };
  return { at: "free", others, waiting };
}

/** The state after taking another of one's tasks in hand. */
export function leaseInHand(before: LeaseState, taskId: Id): LeaseState {
  const claimed = before.at === "held" ? before.held.find(({ task }) => task.id === taskId) : undefined;
  return before.at === "held" && claimed !== undefined ? { ...before, claimed } : before;
}

/** The state after a task was claimed or its lease renewed; other tasks stay in hand, or it is taken. */
export function leaseHolding(before: LeaseState, renewed: ClaimedTask, take: boolean): LeaseState {
  const known = before.at === "held" ? before.held : [];
  const isIt = ({ task }: ClaimedTask) => task.id === renewed.task.id;
  const held = known.some(isIt) ? known.map((each) => (isIt(each) ? renewed : each)) : [...known, renewed];
  const stays = before.at === "held" && !take && !isIt(before.claimed);
  return { at: "held", claimed: stays ? before.claimed : renewed, held };
}

/** The task that is held here, if any. */
export function heldTask(lease: LeaseState): Task | null {
  return lease.at === "held" ? lease.claimed.task : null;
}

/** The lease header of a write. A lost lease is sent too, so that the server rejects the write. */
export function headerOf(lease: LeaseState): string | null {
  if (lease.at === "held") return lease.claimed.lease;
  return lease.at === "lost" ? `${lease.task.id}/${lease.task.epoch}` : null;
}

/**
 * The frame on which a task about one object begins: the one that the verdict named, else the propagated one that the
 * model trusts least, as review shows it, else the first known one. Null where the frame that is shown will do.
 */
export function taskFrame(named: number | null, lane: Lane, shown: number): number | null {
  if (named !== null) return named;
  let [worst, lowest] = [-1, Number.POSITIVE_INFINITY];
  for (const [frameIndex, { mask }] of lane) {
    if (mask?.source !== "propagated") continue;
    const trust = mask.predicted_iou ?? Number.POSITIVE_INFINITY;
    if (trust < lowest) [worst, lowest] = [frameIndex, trust];
  }
  if (worst >= 0) return worst;
  return lane.size === 0 || lane.has(shown) ? null : Math.min(...lane.keys());
}
