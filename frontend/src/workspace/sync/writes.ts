import type { Saying } from "@/api/annotation";
import type { Direction, Id, PromptSet, Rle } from "@/api/types";
import type { MaskShape } from "@/canvas/maskShape";

/** A masklet's id, or the draft key of one that is still being created. */
export type ObjectKey = Id;

export type BrushKind = "brush" | "eraser" | "absent";

/** One edit on its way to the server. Discriminated by `kind`; each becomes exactly one request. */
export type Write =
  | {
      readonly kind: "create";
      readonly object: ObjectKey;
      readonly name: string | null;
      readonly classId: Id | null;
    }
  | {
      readonly kind: "prompts";
      readonly object: ObjectKey;
      readonly frameIndex: number;
      readonly prompts: PromptSet;
    }
  | {
      readonly kind: "mask";
      readonly object: ObjectKey;
      readonly frameIndex: number;
      readonly mask: Rle;
      readonly tool: BrushKind;
      /** Shown until the server's own copy arrives. */
      readonly shape: MaskShape;
    }
  | { readonly kind: "clear"; readonly object: ObjectKey; readonly frameIndex: number }
  | {
      readonly kind: "lock";
      readonly object: ObjectKey;
      readonly first: number;
      readonly last: number;
      readonly locked: boolean;
    }
  | { readonly kind: "rename"; readonly object: ObjectKey; readonly name: string }
  | ({ readonly kind: "describe"; readonly object: ObjectKey } & Saying)
  | { readonly kind: "delete"; readonly object: ObjectKey }
  | {
      readonly kind: "run";
      readonly objects: readonly ObjectKey[];
      readonly startFrame: number;
      readonly direction: Direction;
    }
  /** Takes back the last step, or the one that an earlier write became. */
  | { readonly kind: "undo"; readonly step?: Id }
  | { readonly kind: "redo" };

export interface PendingWrite {
  /** The idempotency key: sending it again is always safe. */
  readonly actionId: Id;
  readonly write: Write;
  readonly state: "waiting" | "sending";
  /** What the person saw when editing (see `basisOf`); a conflict is real only if that is no longer so. */
  readonly basis: string;
  /** The action an undo or redo was first aimed at: sent again, it must be the same request. */
  readonly aim?: Id;
}

/**
 * Adds a write to the queue. A prompt set that waits is replaced by a newer one of the same frame: three quick clicks
 * become one request, and one step of undo under the id of the first, which nobody has sent yet. Strokes stay apart:
 * each is stored, and undone, on its own.
 */
export function enqueue(queue: readonly PendingWrite[], added: PendingWrite): readonly PendingWrite[] {
  const last = queue.at(-1);
  if (last !== undefined && last.state === "waiting" && replaces(added.write, last.write)) {
    return [...queue.slice(0, -1), { ...last, write: added.write }];
  }
  return [...queue, added];
}

function replaces(newer: Write, older: Write): boolean {
  switch (newer.kind) {
    case "prompts":
      return older.kind === "prompts" && isSameFrame(newer, older);
    case "rename":
      return older.kind === "rename" && older.object === newer.object;
    case "mask":
    case "create":
    case "clear":
    case "lock":
    case "describe":
    case "delete":
    case "run":
    case "undo":
    case "redo":
      return false;
    default:
      return newer satisfies never;
  }
}

/** An edit of one object on one frame. */
export type FrameEdit = Extract<Write, { readonly frameIndex: number }>;

function isSameFrame(one: FrameEdit, other: FrameEdit): boolean {
  return one.object === other.object && one.frameIndex === other.frameIndex;
}

/** The objects a write is about. */
export function objectsOf(write: Write): readonly ObjectKey[] {
  switch (write.kind) {
    case "create":
    case "prompts":
    case "mask":
    case "clear":
    case "lock":
    case "rename":
    case "describe":
    case "delete":
      return [write.object];
    case "run":
      return write.objects;
    case "undo":
    case "redo":
      return [];
    default:
      return write satisfies never;
  }
}

/** Whether the answer to a write waits for the model. */
export function asksModel(write: Write): boolean {
  switch (write.kind) {
    case "prompts":
    case "run":
      return true;
    case "create":
    case "mask":
    case "clear":
    case "lock":
    case "rename":
    case "describe":
    case "delete":
    case "undo":
    case "redo":
      return false;
    default:
      return write satisfies never;
  }
}

/** The queue after the server has given a draft object its id. */
export function adopt(queue: readonly PendingWrite[], draft: ObjectKey, id: Id): readonly PendingWrite[] {
  return queue.map((pending) => ({ ...pending, write: renameObject(pending.write, draft, id) }));
}

function renameObject(write: Write, draft: ObjectKey, id: Id): Write {
  if (!objectsOf(write).includes(draft)) return write;
  if ("objects" in write) {
    return { ...write, objects: write.objects.map((object) => (object === draft ? id : object)) };
  }
  return "object" in write ? { ...write, object: id } : write;
}

/** The queue after an edit of a frame was acknowledged: waiting edits of that frame build upon it. */
export function rebase(queue: readonly PendingWrite[], done: Write, basis: string): readonly PendingWrite[] {
  if (!("frameIndex" in done)) return queue;
  return queue.map((pending) => {
    const { write } = pending;
    return "frameIndex" in write && isSameFrame(write, done) ? { ...pending, basis } : pending;
  });
}
