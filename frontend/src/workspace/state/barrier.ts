import type { Task } from "@/api/types";
import type { ObjectKey } from "../sync/writes";
import type { LeaseState } from "./leaseState";
import type { PhaseBook } from "./phaseBook";

/**
 * Why the signed-in person may not edit: the video is no longer there for them, their role lets them only look, or
 * somebody else's task holds it.
 */
export type Barrier = "gone" | "role" | Task;

interface Barred {
  readonly gone: boolean;
  readonly phases: PhaseBook;
  readonly lease: LeaseState;
}

/** What keeps one from editing an object, or anything here; null if nothing does. */
export function barrierOf({ gone, phases, lease }: Barred, object: ObjectKey | null = null): Barrier | null {
  if (gone) return "gone";
  if (phases.rules.size === 0) return "role";
  if (lease.at !== "free") return null;
  return lease.others.find(({ masklet_id: held }) => held === null || held === object) ?? null;
}

/** Whether the signed-in person may edit an object, or anything here. */
export function mayEdit(state: Barred, object: ObjectKey | null = null): boolean {
  return barrierOf(state, object) === null;
}

/** What a barrier means, and what one may do about it. */
export function barrierWords(barrier: Barrier | null): string {
  if (barrier === null) return "";
  if (barrier === "gone")
    return "It was deleted, or you are no longer a member of its project; a manager of the project can tell.";
  if (barrier === "role")
    return "Your role in this project is to look. A manager changes roles on the project's page Members.";
  const who = barrier.assignee_name ?? "Somebody";
  const what = barrier.masklet_name ?? "this video";
  return `${who} is working on ${what}, so you can only look. It is free when they submit, or soon after they leave.`;
}
