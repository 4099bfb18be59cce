/** Calls about the queue of work. */
import { abortable, allPages, api, settled } from "./client";
import type { ClaimedTask, Id, Task, TaskKind, VideoLease } from "./types";

function ofTask(taskId: Id) {
  return { params: { path: { task_id: taskId } } };
}

export function fetchTasks(projectId: Id, signal?: AbortSignal): Promise<readonly Task[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/tasks", { params: { path, query }, ...abortable(signal) }),
  );
}

/** The task already held, else the most urgent free one. */
export function claimNextTask(projectId: Id, kinds: readonly TaskKind[] = []): Promise<ClaimedTask> {
  const params = { path: { project_id: projectId } };
  return settled(api.POST("/api/projects/{project_id}/tasks/next", { params, body: { kinds } }));
}

export function claimTask(taskId: Id): Promise<ClaimedTask> {
  return settled(api.POST("/api/tasks/{task_id}/claim", ofTask(taskId)));
}

export function renewLease({ id, epoch }: Task): Promise<ClaimedTask> {
  return settled(api.POST("/api/tasks/{task_id}/renew", { ...ofTask(id), body: { epoch } }));
}

export function fetchTask(taskId: Id): Promise<Task> {
  return settled(api.GET("/api/tasks/{task_id}", ofTask(taskId)));
}

type Held = Pick<Task, "id" | "epoch">;

/** Ends a task under a key, under which that may be repeated; alive when the page is left right afterwards. */
function ending(taskId: Id, key: Id) {
  return { params: { path: { task_id: taskId }, header: { "Idempotency-Key": key } }, keepalive: true };
}

export function submitTask({ id, epoch }: Held, key: Id): Promise<Task> {
  return settled(api.POST("/api/tasks/{task_id}/submit", { ...ending(id, key), body: { epoch } }));
}

export function handBackTask({ id, epoch }: Held, reason: string | null, key: Id): Promise<Task> {
  return settled(api.POST("/api/tasks/{task_id}/hand-back", { ...ending(id, key), body: { epoch, reason } }));
}

/** Sends the object back to a verifier as it is. */
export function contestVerdict({ id, epoch }: Held, reason: string, key: Id): Promise<Task> {
  return settled(api.POST("/api/tasks/{task_id}/contest", { ...ending(id, key), body: { epoch, reason } }));
}

/** One's own work that verifiers sent back, in all projects. */
export function fetchReturnedTasks(signal?: AbortSignal): Promise<readonly Task[]> {
  return allPages((query) => api.GET("/api/tasks/returned", { params: { query }, ...abortable(signal) }));
}

export function rejectVideo({ id, epoch }: Held, reason: string, key: Id): Promise<Task> {
  return settled(api.POST("/api/tasks/{task_id}/reject", { ...ending(id, key), body: { epoch, reason } }));
}

export interface TaskChange {
  readonly priority?: number;
  /** null releases it to everybody; the current holder loses it. */
  readonly assignee_id?: Id | null;
}

export function updateTask(taskId: Id, body: TaskChange): Promise<Task> {
  return settled(api.PATCH("/api/tasks/{task_id}", { ...ofTask(taskId), body }));
}

export function fetchVideoLease(videoId: Id, signal?: AbortSignal): Promise<VideoLease> {
  const params = { path: { video_id: videoId } };
  return settled(api.GET("/api/videos/{video_id}/lease", { params, ...abortable(signal) }));
}

/** The path of the page on which a task is done. */
export function pageOf(task: Task): string {
  return task.kind === "verify"
    ? `/projects/${task.project_id}/review/${task.masklet_id ?? ""}`
    : `/videos/${task.video_id}`;
}
