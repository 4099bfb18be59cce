/** Calls of the workspace: everything that edits or follows one video. */
import { abortable, api, keyed, newActionId, settled } from "./client";
import type {
  ActivityEvent,
  AttributeValue,
  Changes,
  Direction,
  EditResult,
  Id,
  Masklet,
  PromptSet,
  Rle,
  Run,
  Video,
} from "./types";

export function fetchVideo(videoId: Id, signal?: AbortSignal): Promise<Video> {
  const params = { path: { video_id: videoId } };
  return settled(api.GET("/api/videos/{video_id}", { params, ...abortable(signal) }));
}

export function fetchChanges(
  videoId: Id,
  after: number,
  limit = 500,
  signal?: AbortSignal,
): Promise<Changes> {
  const params = { path: { video_id: videoId }, query: { after, limit } };
  return settled(api.GET("/api/videos/{video_id}/changes", { params, ...abortable(signal) }));
}

export function eventsUrl(videoId: Id, after: number): string {
  return `/api/videos/${videoId}/events?after=${after}`;
}

/** Asks the model server to encode a frame while the person looks at it. */
export function warmFrame(videoId: Id, frameIndex: number, signal?: AbortSignal): Promise<unknown> {
  const params = { path: { video_id: videoId } };
  const body = { frame_index: frameIndex };
  return settled(api.POST("/api/videos/{video_id}/warm", { params, body, ...abortable(signal) }));
}

export function createMasklet(
  videoId: Id,
  { name, classId }: { readonly name: string | null; readonly classId: Id | null },
  actionId = newActionId(),
  lease: string | null = null,
): Promise<Masklet> {
  const params = { path: { video_id: videoId }, header: keyed(actionId, lease) };
  return settled(
    api.POST("/api/videos/{video_id}/masklets", {
      params,
      body: { name, class_id: classId ?? null, attributes: [] },
    }),
  );
}

/** The masklet an edit is made against, and the id under which the edit may be repeated safely. */
export interface Edit {
  readonly maskletId: Id;
  readonly version: number;
  readonly actionId: Id;
  /** Of the task it is done for. */
  readonly lease?: string | null;
}

/** The server answers 412 when the masklet has moved on from the edit's version. */
export function guarded({ maskletId, version, actionId, lease = null }: Edit) {
  const header = { ...keyed(actionId, lease), "if-match": `"${version}"` };
  return { path: { masklet_id: maskletId }, header };
}

function onFrame(edit: Edit, frameIndex: number) {
  const { path, header } = guarded(edit);
  return { header, path: { ...path, frame_index: frameIndex } };
}

export function renameMasklet(edit: Edit, name: string): Promise<Masklet> {
  return settled(api.PATCH("/api/masklets/{masklet_id}", { params: guarded(edit), body: { name } }));
}

/** What is said of an object; a class that is not named stays. */
export interface Saying {
  readonly classId?: Id | null;
  readonly values: readonly AttributeValue[];
}

export function describeMasklet(edit: Edit, { classId, values }: Saying): Promise<Masklet> {
  const body = { ...(classId === undefined ? {} : { class_id: classId }), attributes: values };
  return settled(api.PATCH("/api/masklets/{masklet_id}/description", { params: guarded(edit), body }));
}

export function deleteMasklet(edit: Edit): Promise<Masklet> {
  return settled(api.DELETE("/api/masklets/{masklet_id}", { params: guarded(edit) }));
}

/** Replaces the frame's whole prompt set. */
export function putPrompts(edit: Edit, frameIndex: number, prompts: PromptSet): Promise<EditResult> {
  const params = onFrame(edit, frameIndex);
  return settled(
    api.PUT("/api/masklets/{masklet_id}/frames/{frame_index}/prompts", { params, body: prompts }),
  );
}

/** An empty mask says that the object is absent on the frame. */
export function putMask(
  edit: Edit,
  frameIndex: number,
  mask: Rle,
  tool: "brush" | "eraser" | "absent",
): Promise<EditResult> {
  const params = onFrame(edit, frameIndex);
  return settled(
    api.PUT("/api/masklets/{masklet_id}/frames/{frame_index}/mask", { params, body: { mask, tool } }),
  );
}

export function clearFrame(edit: Edit, frameIndex: number): Promise<EditResult> {
  const params = onFrame(edit, frameIndex);
  return settled(api.DELETE("/api/masklets/{masklet_id}/frames/{frame_index}", { params }));
}

/** Locks frames, or unlocks them; the answer is what that changed. */
export function putLocks(edit: Edit, first: number, last: number, locked: boolean): Promise<Changes> {
  const body = { first_frame: first, last_frame: last, locked };
  return settled(api.PUT("/api/masklets/{masklet_id}/locks", { params: guarded(edit), body }));
}

export interface RunRequest {
  readonly masklet_ids: readonly Id[];
  readonly start_frame: number;
  readonly first_frame?: number;
  readonly last_frame?: number;
  readonly direction: Direction;
}

export function startRun(
  videoId: Id,
  body: RunRequest,
  actionId = newActionId(),
  lease: string | null = null,
): Promise<Run> {
  const params = { path: { video_id: videoId }, header: keyed(actionId, lease) };
  return settled(api.POST("/api/videos/{video_id}/runs", { params, body }));
}

export function cancelRun(runId: Id): Promise<Run> {
  return settled(api.POST("/api/runs/{run_id}/cancel", { params: { path: { run_id: runId } } }));
}

/** One step of the history, by the person who does it. */
export interface HistoryStep {
  readonly videoId: Id;
  readonly topActionId: Id;
  readonly actionId: Id;
  readonly lease?: string | null;
}

function historyStep({ videoId, topActionId, actionId, lease = null }: HistoryStep) {
  const params = { path: { video_id: videoId }, header: keyed(actionId, lease) };
  return { params, body: { action_id: topActionId } };
}

export function undo(step: HistoryStep): Promise<Changes> {
  return settled(api.POST("/api/videos/{video_id}/undo", historyStep(step)));
}

export function redo(step: HistoryStep): Promise<Changes> {
  return settled(api.POST("/api/videos/{video_id}/redo", historyStep(step)));
}

/** A tab's clocks; beside a batch they say how old its events are. */
export type Stamp = Pick<ActivityEvent, "session_id" | "client_monotonic_ms" | "client_time">;

/** Idempotent by event id; `keepalive` lets the request outlive a closing tab. */
export function sendActivity(
  events: readonly ActivityEvent[],
  sent: Stamp,
  keepalive: boolean,
): Promise<unknown> {
  return settled(api.POST("/api/activity", { body: { events, sent }, keepalive }));
}
