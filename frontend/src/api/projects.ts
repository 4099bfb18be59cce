/** Calls about projects and the videos in them. */
import { abortable, allPages, api, keyed, settled } from "./client";
import type { AttributeValue, Id, Phase, Project, Video, VideoTiming } from "./types";

export function fetchProjects(signal?: AbortSignal): Promise<readonly Project[]> {
  return allPages((query) => api.GET("/api/projects", { params: { query }, ...abortable(signal) }));
}

function ofProject(projectId: Id) {
  return { params: { path: { project_id: projectId } } };
}

function ofVideo(videoId: Id) {
  return { params: { path: { video_id: videoId } } };
}

export function fetchProject(projectId: Id, signal?: AbortSignal): Promise<Project> {
  return settled(api.GET("/api/projects/{project_id}", { ...ofProject(projectId), ...abortable(signal) }));
}

export interface NewProject {
  readonly name: string;
  /** Every stride-th frame is an annotated frame. */
  readonly stride: number;
  /** Longest side of the video of record in pixels; larger uploads are scaled down, none is enlarged. */
  readonly long_side: number;
  /** A model of the catalogue; null for the server's default. */
  readonly model: string | null;
  /** Determines the tools of its annotators; fixed for the life of the project. */
  readonly phase: Phase;
}

export function createProject(body: NewProject, actionId: Id): Promise<Project> {
  const whole = { is_sample: false, select_first: false, separate_verifiers: true, ...body } as const;
  return settled(api.POST("/api/projects", { params: { header: keyed(actionId) }, body: whole }));
}

export interface ProjectChange {
  readonly name: string;
  readonly model?: string | null;
  /** Objects are selected on one frame in a task of their own. */
  readonly select_first?: boolean;
  /** Nobody verifies their own work. */
  readonly separate_verifiers?: boolean;
  /** A masklet with fewer edited frames is too easy to be exported. */
  readonly min_edited_frames?: number;
  readonly needs_environment?: boolean;
  /** Percent of the sources of its videos. */
  readonly val_percent?: number;
  readonly test_percent?: number;
}

/** Fields left out stay unchanged. */
export function updateProject(projectId: Id, body: ProjectChange): Promise<Project> {
  return settled(api.PATCH("/api/projects/{project_id}", { ...ofProject(projectId), body }));
}

export function deleteProject(projectId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/projects/{project_id}", ofProject(projectId)));
}

export function fetchVideos(projectId: Id, signal?: AbortSignal): Promise<readonly Video[]> {
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/videos", {
      params: { path: { project_id: projectId }, query },
      ...abortable(signal),
    }),
  );
}

export interface VideoLabelChange {
  readonly environment?: string;
  /** Of the video and of its frames. */
  readonly attributes?: readonly AttributeValue[];
}

export function labelVideo(videoId: Id, body: VideoLabelChange): Promise<Video> {
  return settled(
    api.PUT("/api/videos/{video_id}/labels", { ...ofVideo(videoId), body: { attributes: [], ...body } }),
  );
}

export interface VideoChange {
  readonly name?: string;
  /** Videos of one source always fall into one split; empty removes it. */
  readonly split_source?: string;
  /** Overrides the split that the source implies; empty removes the override. */
  readonly split?: string;
}

/** Fields left out stay unchanged. */
export function updateVideo(videoId: Id, body: VideoChange): Promise<Video> {
  return settled(api.PATCH("/api/videos/{video_id}", { ...ofVideo(videoId), body }));
}

/** Tries a failed upload again whose file was kept. */
export function ingestAgain(videoId: Id): Promise<unknown> {
  return settled(api.POST("/api/videos/{video_id}/ingest", ofVideo(videoId)));
}

export function deleteVideo(videoId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/videos/{video_id}", ofVideo(videoId)));
}

export function fetchTiming(videoId: Id, signal?: AbortSignal): Promise<VideoTiming> {
  return settled(api.GET("/api/videos/{video_id}/timing", { ...ofVideo(videoId), ...abortable(signal) }));
}

/** Uploads use XMLHttpRequest, because fetch does not report upload progress. */
export function uploadUrl(projectId: Id, filename: string): string {
  return `/api/projects/${projectId}/videos?filename=${encodeURIComponent(filename)}`;
}
