import type { ActionRef, Changes, EditResult, FrameState, Id, Masklet, Run } from "@/api/types";

/** A masklet's frame states by frame index. */
export type Lane = ReadonlyMap<number, FrameState>;

/**
 * What this browser knows of the video's annotation: the newest state by key. Every row carries `seq`, the video's
 * counter at its last change, so merging the same changes twice, or out of order, gives the same replica.
 */
export interface Replica {
  /** Everything up to here has been received; an event stream resumes after it. */
  readonly seq: number;
  readonly masklets: ReadonlyMap<Id, Masklet>;
  readonly lanes: ReadonlyMap<Id, Lane>;
  readonly runs: ReadonlyMap<Id, Run>;
  readonly history: History;
}

export interface History {
  readonly undo: ActionRef | null;
  readonly redo: ActionRef | null;
  /** Why one's own earlier steps stay as they are. */
  readonly undo_limit: string | null;
  readonly redo_limit: string | null;
}

const NO_HISTORY: History = { undo: null, redo: null, undo_limit: null, redo_limit: null };

export const EMPTY_REPLICA: Replica = {
  seq: 0,
  masklets: new Map(),
  lanes: new Map(),
  runs: new Map(),
  history: NO_HISTORY,
};

export const NO_LANE: Lane = new Map();

/** Merges a page of changes or an event. */
export function mergeChanges(replica: Replica, changes: Changes): Replica {
  return {
    seq: Math.max(replica.seq, changes.seq),
    masklets: mergeRows(replica.masklets, changes.masklets),
    lanes: mergeFrames(replica.lanes, changes.frames),
    runs: mergeRows(replica.runs, changes.runs),
    history: changes.history ?? replica.history,
  };
}

/** Merges part of what changed, as undo answers it; like an edit's answer it does not move `seq`. */
export function mergePart(replica: Replica, changes: Changes): Replica {
  return { ...mergeChanges(replica, changes), seq: replica.seq };
}

/** The replica after one's own write became a step that undo takes back first. */
export function stepped(replica: Replica, step: ActionRef): Replica {
  return { ...replica, history: { ...NO_HISTORY, undo: step } };
}

/**
 * Merges the answer to an edit, which becomes the action to undo, of the given kind. `seq` stays: changes by others
 * with a lower number may still be on their way.
 */
export function mergeEdit(replica: Replica, result: EditResult, kind: ActionRef["kind"]): Replica {
  return {
    ...replica,
    masklets: mergeRows(replica.masklets, [result.masklet]),
    lanes: mergeFrames(replica.lanes, [result.frame]),
    history: { ...NO_HISTORY, undo: { id: result.action_id, kind, masklet_id: result.masklet.id } },
  };
}

export function mergeMasklet(replica: Replica, masklet: Masklet): Replica {
  return { ...replica, masklets: mergeRows(replica.masklets, [masklet]) };
}

export function mergeRun(replica: Replica, run: Run): Replica {
  return { ...replica, runs: mergeRows(replica.runs, [run]) };
}

function mergeRows<T extends { readonly id: Id; readonly seq: number }>(
  known: ReadonlyMap<Id, T>,
  rows: readonly T[],
): ReadonlyMap<Id, T> {
  const news = rows.filter((row) => row.seq >= (known.get(row.id)?.seq ?? 0));
  if (news.length === 0) return known;
  const merged = new Map(known);
  for (const row of news) merged.set(row.id, row);
  return merged;
}

/** Only lanes that changed are copied; the others keep their identity, so nothing redraws for them. */
function mergeFrames(known: ReadonlyMap<Id, Lane>, frames: readonly FrameState[]): ReadonlyMap<Id, Lane> {
  const copies = new Map<Id, Map<number, FrameState>>();
  for (const frame of frames) {
    const lane = copies.get(frame.masklet_id) ?? known.get(frame.masklet_id) ?? NO_LANE;
    if (frame.seq < (lane.get(frame.frame_index)?.seq ?? 0)) continue;
    const copy = copies.get(frame.masklet_id) ?? new Map(lane);
    copy.set(frame.frame_index, frame);
    copies.set(frame.masklet_id, copy);
  }
  if (copies.size === 0) return known;
  return new Map<Id, Lane>([...known, ...copies]);
}

/** The masklets that exist, by number. */
export function livingMasklets(replica: Replica): Masklet[] {
  return [...replica.masklets.values()]
    .filter((masklet) => !masklet.deleted)
    .sort((a, b) => a.number - b.number);
}

export function activeRuns(replica: Replica): Run[] {
  return [...replica.runs.values()].filter((run) => run.state === "queued" || run.state === "running");
}

/** Identifies what people did to a frame. Propagation leaves it, so it never conflicts with edits. */
export function basisOf(frame: FrameState | undefined): string {
  if (frame === undefined) return "";
  const drawn = frame.mask !== null && frame.mask.source !== "propagated" ? frame.mask.id : "";
  return `${drawn} ${JSON.stringify(frame.prompts)}`;
}
