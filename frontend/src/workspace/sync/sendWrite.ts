import * as api from "@/api/annotation";
import { RequestFailed } from "@/api/problem";
import type { ActionRef, Id } from "@/api/types";
import { headerOf } from "../state/leaseState";
import type { WorkspaceStore } from "../state/store";
import type { WriteOutcome } from "./outbox";
import {
  basisOf,
  mergeChanges,
  mergeEdit,
  mergeMasklet,
  mergePart,
  mergeRun,
  type Replica,
  stepped,
} from "./replica";
import type { FrameEdit, PendingWrite } from "./writes";

/** Frame states per page when catching up. */
const PAGE = 2000;
const DONE: WriteOutcome = { kind: "done" };

/** Sends one edit and merges the answer into the store. Temporary failures go to the outbox. */
export class WriteSender {
  readonly #store: WorkspaceStore;

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  /** Aims an undo or redo at the action that is on top when it is sent first. */
  prepare(pending: PendingWrite): PendingWrite {
    const { write, aim } = pending;
    if ((write.kind !== "undo" && write.kind !== "redo") || aim !== undefined) return pending;
    if (write.kind === "undo" && write.step !== undefined) return { ...pending, aim: write.step };
    const top = this.#store.getState().replica.history[write.kind];
    return top === null ? pending : { ...pending, aim: top.id };
  }

  async send(pending: PendingWrite): Promise<WriteOutcome> {
    try {
      return await this.#send(pending);
    } catch (error) {
      if (!(error instanceof RequestFailed) || !isConflict(error)) throw error;
      await this.refetch();
      if (pending.write.kind === "undo" && pending.write.step !== undefined) {
        return { kind: "refused", message: `It can no longer be undone. ${error.message}` };
      }
      return outcomeOfConflict(pending, this.#store.getState().replica);
    }
  }

  /** Fetches everything that changed since the last time, page by page. */
  async refetch(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const { video, replica } = this.#store.getState();
      const changes = await api.fetchChanges(video.id, replica.seq, PAGE, signal);
      this.#merge((known) => mergeChanges(known, changes));
      if (!changes.more) return;
    }
  }

  async #send({ actionId, write, aim }: PendingWrite): Promise<WriteOutcome> {
    const { video, lease } = this.#store.getState();
    switch (write.kind) {
      case "create": {
        const masklet = await api.createMasklet(video.id, write, actionId, headerOf(lease));
        const step = { id: actionId, kind: "create_masklet", masklet_id: masklet.id } as const;
        this.#merge((known) => stepped(mergeMasklet(known, masklet), step));
        return { kind: "done", created: { draft: write.object, id: masklet.id } };
      }
      case "prompts":
      case "mask":
      case "clear": {
        const result = await this.#sendFrameEdit(this.#edit(actionId, write.object), write);
        this.#merge((known) => mergeEdit(known, result, actionKindOf(write)));
        return { kind: "done", basis: basisOf(result.frame) };
      }
      case "lock": {
        const edit = this.#edit(actionId, write.object);
        const changes = await api.putLocks(edit, write.first, write.last, write.locked);
        this.#merge((known) => mergePart(known, changes));
        // A long range exceeds one answer, and the answer to a repeated request is empty.
        if (changes.more || changes.frames.length === 0) await this.refetch();
        return DONE;
      }
      case "rename": {
        const masklet = await api.renameMasklet(this.#edit(actionId, write.object), write.name);
        this.#merge((known) => mergeMasklet(known, masklet));
        return DONE;
      }
      case "describe": {
        const edit = this.#edit(actionId, write.object);
        const masklet = await api.describeMasklet(edit, write);
        const step = { id: actionId, kind: "describe", masklet_id: masklet.id } as const;
        // What was said already is no step of the history.
        const isStep = masklet.version > edit.version;
        this.#merge((known) => {
          const merged = mergeMasklet(known, masklet);
          return isStep ? stepped(merged, step) : merged;
        });
        return DONE;
      }
      case "delete":
        await api.deleteMasklet(this.#edit(actionId, write.object));
        await this.refetch();
        return DONE;
      case "run": {
        const body = {
          masklet_ids: write.objects,
          start_frame: write.startFrame,
          direction: write.direction,
        };
        const run = await api.startRun(video.id, body, actionId, headerOf(lease));
        const step = { id: actionId, kind: "propagate", masklet_id: null } as const;
        this.#merge((known) => stepped(mergeRun(known, run), step));
        return DONE;
      }
      case "undo":
      case "redo":
        return aim === undefined ? this.#stays(write.kind) : this.#step(write.kind, actionId, aim);
      default:
        return write satisfies never;
    }
  }

  #sendFrameEdit(edit: api.Edit, write: FrameEdit) {
    switch (write.kind) {
      case "prompts":
        return api.putPrompts(edit, write.frameIndex, write.prompts);
      case "mask":
        return api.putMask(edit, write.frameIndex, write.mask, write.tool);
      case "clear":
        return api.clearFrame(edit, write.frameIndex);
      default:
        return write satisfies never;
    }
  }

  /** Nothing of one's own can be undone or redone, or something stands in the way. */
  #stays(kind: "undo" | "redo"): WriteOutcome {
    const limit = this.#store.getState().replica.history[`${kind}_limit`];
    return limit === null ? DONE : { kind: "refused", message: limit };
  }

  async #step(kind: "undo" | "redo", actionId: Id, aim: Id): Promise<WriteOutcome> {
    const { video, lease } = this.#store.getState();
    const changes = await (kind === "undo" ? api.undo : api.redo)({
      videoId: video.id,
      topActionId: aim,
      actionId,
      lease: headerOf(lease),
    });
    this.#merge((known) => mergePart(known, changes));
    // A whole propagation may exceed one answer.
    if (changes.more) await this.refetch();
    const frames = changes.frames.map((frame) => frame.frame_index);
    return { kind: "done", touched: frames };
  }

  #edit(actionId: Id, object: Id): api.Edit {
    const { replica, lease } = this.#store.getState();
    const version = replica.masklets.get(object)?.version ?? 0;
    return { maskletId: object, version, actionId, lease: headerOf(lease) };
  }

  #merge(change: (known: Replica) => Replica): void {
    this.#store.setState(({ replica }) => ({ replica: change(replica) }));
  }
}

/** The action an edit of a frame becomes in the history. */
function actionKindOf(write: FrameEdit): ActionRef["kind"] {
  switch (write.kind) {
    case "prompts":
      return "prompt";
    case "mask":
      return "edit_mask";
    case "clear":
      return "clear_frame";
    default:
      return write satisfies never;
  }
}

function isConflict(error: RequestFailed): boolean {
  return error.status === 412 || error.slug === "not-the-latest-action";
}

/** A conflict counts only on the edited frame; otherwise the edit is sent again. */
function outcomeOfConflict({ write, basis }: PendingWrite, replica: Replica): WriteOutcome {
  if (!("frameIndex" in write)) return { kind: "rebase" };
  const now = basisOf(replica.lanes.get(write.object)?.get(write.frameIndex));
  if (now === basis) return { kind: "rebase" };
  return {
    kind: "refused",
    message: "This frame was changed in another window. It now shows that change; yours was not applied.",
  };
}
