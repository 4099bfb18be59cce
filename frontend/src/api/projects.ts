/** Calls about projects and the videos in them. */
import { get, newActionId, request } from "./client";
import type { Id, Project, Video, VideoTiming } from "./types";

export function fetchProjects(signal?: AbortSignal): Promise<readonly Project[]> {
  return get<readonly Project[]>("/projects", signal);
}

export function fetchProject(projectId: Id, signal?: AbortSignal): Promise<Project> {
  return get<Project>(`/projects/${projectId}`, signal);
}

export interface NewProject {
  readonly name: string;
  /** Every stride-th frame is an annotated frame. */
  readonly stride: number;
  /** Longest side of the video of record in pixels; larger uploads are scaled down, none is enlarged. */
  readonly long_side: number;
}

export function createProject(body: NewProject, actionId: Id): Promise<Project> {
  return request<Project>("POST", "/projects", { body, idempotencyKey: actionId });
}

export function renameProject(projectId: Id, name: string): Promise<Project> {
  return request<Project>("PATCH", `/projects/${projectId}`, {
    body: { name },
    idempotencyKey: newActionId(),
  });
}

export function deleteProject(projectId: Id): Promise<unknown> {
  return request<unknown>("DELETE", `/projects/${projectId}`, { idempotencyKey: newActionId() });
}

export function fetchVideos(projectId: Id, signal?: AbortSignal): Promise<readonly Video[]> {
  return get<readonly Video[]>(`/projects/${projectId}/videos`, signal);
}

export function deleteVideo(videoId: Id): Promise<unknown> {
  return request<unknown>("DELETE", `/videos/${videoId}`, { idempotencyKey: newActionId() });
}

export function fetchTiming(videoId: Id, signal?: AbortSignal): Promise<VideoTiming> {
  return get<VideoTiming>(`/videos/${videoId}/timing`, signal);
}

export function uploadUrl(projectId: Id, filename: string): string {
  return `/api/projects/${projectId}/videos?filename=${encodeURIComponent(filename)}`;
}
