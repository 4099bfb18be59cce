import type { ClaimedTask, Task, VideoLease } from "@/api/types";

/**
 * Whether this window works on a task. Without one a person may work freely, unless somebody else holds the video;
 * a lost task is one that was handed on meanwhile.
 */
export type LeaseState =
  | { readonly at: "unknown" }
  | { readonly at: "free"; readonly others: readonly Task[]; readonly waiting: readonly Task[] }
  | { readonly at: "held"; readonly claimed: ClaimedTask }
  | { readonly at: "lost"; readonly task: Task };

export const LEASE_UNKNOWN: LeaseState = { at: "unknown" };

/** The state after the server's answer; a held task that is no longer ours is lost. */
export function leaseAfter(before: LeaseState, { own, others, waiting }: VideoLease): LeaseState {
  if (own !== null) return { at: "held", claimed: own };
  if (before.at === "held") return { at: "lost", task: before.claimed.task };
  return { at: "free", others, waiting };
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
