/** Calls of the workspace: everything that edits or follows one video. */
import { get, newActionId, request } from "./client";
import type { Changes, Direction, EditResult, Id, Masklet, PromptSet, Rle, Run, Video } from "./types";

export function fetchVideo(videoId: Id, signal?: AbortSignal): Promise<Video> {
  return get<Video>(`/videos/${videoId}`, signal);
}

export function fetchChanges(
  videoId: Id,
  after: number,
  limit = 500,
  signal?: AbortSignal,
): Promise<Changes> {
  return get<Changes>(`/videos/${videoId}/changes?after=${after}&limit=${limit}`, signal);
}

export function eventsUrl(videoId: Id, after: number): string {
  return `/api/videos/${videoId}/events?after=${after}`;
}

/** Asks the model server to encode a frame while the person looks at it. */
export function warmFrame(videoId: Id, frameIndex: number, signal?: AbortSignal): Promise<void> {
  return request<void>("POST", `/videos/${videoId}/warm`, { body: { frame_index: frameIndex }, signal });
}

export function createMasklet(videoId: Id, name: string | null, actionId = newActionId()): Promise<Masklet> {
  const body = name === null ? {} : { name };
  return request<Masklet>("POST", `/videos/${videoId}/masklets`, { body, idempotencyKey: actionId });
}

/** The masklet an edit is made against, and the id under which the edit may be repeated safely. */
export interface Edit {
  readonly maskletId: Id;
  readonly version: number;
  readonly actionId: Id;
}

function guarded(edit: Edit) {
  return { ifMatch: edit.version, idempotencyKey: edit.actionId };
}

export function renameMasklet(edit: Edit, name: string): Promise<Masklet> {
  return request<Masklet>("PATCH", `/masklets/${edit.maskletId}`, { body: { name }, ...guarded(edit) });
}

export function deleteMasklet(edit: Edit): Promise<unknown> {
  return request<unknown>("DELETE", `/masklets/${edit.maskletId}`, guarded(edit));
}

/** Replaces the frame's whole prompt set. */
export function putPrompts(edit: Edit, frameIndex: number, prompts: PromptSet): Promise<EditResult> {
  const path = `/masklets/${edit.maskletId}/frames/${frameIndex}/prompts`;
  return request<EditResult>("PUT", path, { body: prompts, ...guarded(edit) });
}

/** An empty mask says that the object is absent on the frame. */
export function putMask(
  edit: Edit,
  frameIndex: number,
  mask: Rle,
  tool: "brush" | "eraser" | "absent",
): Promise<EditResult> {
  const path = `/masklets/${edit.maskletId}/frames/${frameIndex}/mask`;
  return request<EditResult>("PUT", path, { body: { mask, tool }, ...guarded(edit) });
}

export function clearFrame(edit: Edit, frameIndex: number): Promise<EditResult> {
  return request<EditResult>("DELETE", `/masklets/${edit.maskletId}/frames/${frameIndex}`, guarded(edit));
}

export interface RunRequest {
  readonly masklet_ids: readonly Id[];
  readonly start_frame: number;
  readonly first_frame?: number;
  readonly last_frame?: number;
  readonly direction: Direction;
}

export function startRun(videoId: Id, body: RunRequest, actionId = newActionId()): Promise<Run> {
  return request<Run>("POST", `/videos/${videoId}/runs`, { body, idempotencyKey: actionId });
}

export function cancelRun(runId: Id): Promise<Run> {
  return request<Run>("POST", `/runs/${runId}/cancel`, { idempotencyKey: newActionId() });
}

export function undo(videoId: Id, topActionId: Id, actionId = newActionId()): Promise<Changes> {
  const options = { body: { action_id: topActionId }, idempotencyKey: actionId };
  return request<Changes>("POST", `/videos/${videoId}/undo`, options);
}

export function redo(videoId: Id, topActionId: Id, actionId = newActionId()): Promise<Changes> {
  const options = { body: { action_id: topActionId }, idempotencyKey: actionId };
  return request<Changes>("POST", `/videos/${videoId}/redo`, options);
}
