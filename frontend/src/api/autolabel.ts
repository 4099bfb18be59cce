/** Calls about automatic masklets: searches of a video or of a whole project. */
import { abortable, allPages, api, keyed, settled } from "./client";
import type { AutoLabeling, AutoLabelingOptions, Id } from "./types";

export function fetchAutoLabeling(videoId: Id, signal?: AbortSignal): Promise<AutoLabeling | null> {
  const params = { path: { video_id: videoId } };
  return settled(api.GET("/api/videos/{video_id}/auto-labeling", { params, ...abortable(signal) }));
}

/** The newest of each video that was ever searched. */
export function fetchAutoLabelings(projectId: Id, signal?: AbortSignal): Promise<readonly AutoLabeling[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/auto-labelings", { params: { path, query }, ...abortable(signal) }),
  );
}

export function labelVideo(videoId: Id, body: AutoLabelingOptions, actionId: Id): Promise<AutoLabeling> {
  const params = { path: { video_id: videoId }, header: keyed(actionId) };
  return settled(api.POST("/api/videos/{video_id}/auto-labelings", { params, body }));
}

export function labelProject(
  projectId: Id,
  body: AutoLabelingOptions,
  actionId: Id,
): Promise<readonly AutoLabeling[]> {
  const params = { path: { project_id: projectId }, header: keyed(actionId) };
  return settled(api.POST("/api/projects/{project_id}/auto-labelings", { params, body }));
}

export function cancelAutoLabeling(id: Id): Promise<AutoLabeling> {
  const params = { path: { auto_labeling_id: id } };
  return settled(api.POST("/api/auto-labelings/{auto_labeling_id}/cancel", { params }));
}
