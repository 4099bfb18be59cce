import type { Id } from "@/api/types";
import { type ObjectKey, objectsOf, type PendingWrite, type Write } from "./writes";

/** An edit that was refused for good, kept until the person has seen why and said what becomes of it. */
export interface RefusedEdit {
  readonly id: Id;
  readonly write: Write;
  readonly message: string;
  /** What needs the object that could not be created; sent after it if that is tried again. */
  readonly followers: readonly PendingWrite[];
}

interface Parted {
  readonly aside: readonly PendingWrite[];
  readonly kept: readonly PendingWrite[];
}

/**
 * Takes a refused edit out of the queue, together with what cannot happen without it: the edits of an object that was
 * not created, and the undo that was meant for an edit the server never had, which would undo another one.
 */
export function setAside(head: PendingWrite, rest: readonly PendingWrite[]): Parted {
  const needed = head.write.kind === "create" ? head.write.object : null;
  const kept: PendingWrite[] = [];
  let aside: PendingWrite[] = [head];
  const done: PendingWrite[] = [head];
  const undone: PendingWrite[] = [];
  for (const each of rest) {
    if (each.write.kind === "undo") {
      const last = done.pop();
      if (last !== undefined && aside.includes(last)) {
        aside = aside.filter((other) => other !== last);
        undone.push(last);
      } else kept.push(each);
    } else if (each.write.kind === "redo") {
      const last = undone.pop();
      if (last === undefined) kept.push(each);
      else {
        aside = [...aside, last];
        done.push(last);
      }
    } else {
      const { own, others } = divided(each, needed);
      if (own !== null) aside.push(own);
      if (others !== null) kept.push(others);
      done.push(own ?? each);
    }
  }
  return { aside, kept };
}

/** A propagation of several objects goes on without the one that does not exist. */
function divided(
  pending: PendingWrite,
  needed: ObjectKey | null,
): { readonly own: PendingWrite | null; readonly others: PendingWrite | null } {
  if (needed === null || !objectsOf(pending.write).includes(needed)) return { own: null, others: pending };
  const { write } = pending;
  if (write.kind !== "run" || write.objects.length === 1) return { own: pending, others: null };
  const objects = write.objects.filter((object) => object !== needed);
  return { own: null, others: { ...pending, write: { ...write, objects } } };
}

/** The refused creation that a write would have to wait for. */
export function creationOf(refusedEdits: readonly RefusedEdit[], write: Write): RefusedEdit | undefined {
  const objects = objectsOf(write);
  return refusedEdits.find(
    ({ write: refused }) => refused.kind === "create" && objects.includes(refused.object),
  );
}

/** How many edits have not been saved. */
export function countRefused(refusedEdits: readonly RefusedEdit[]): number {
  return refusedEdits.reduce((sum, { followers }) => sum + 1 + followers.length, 0);
}
