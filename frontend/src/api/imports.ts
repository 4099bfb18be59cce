/** Calls about datasets that come into a project. */
import { abortable, allPages, api, settled } from "./client";
import type { DatasetImport, Id, ImportDetails, NewImport } from "./types";

export function fetchImports(projectId: Id, signal?: AbortSignal): Promise<readonly DatasetImport[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/imports", { params: { path, query }, ...abortable(signal) }),
  );
}

export function fetchImport(importId: Id, signal?: AbortSignal): Promise<ImportDetails> {
  return settled(api.GET("/api/imports/{import_id}", { params: pathOf(importId), ...abortable(signal) }));
}

/** Where a dataset is sent to, for `sendFile`. */
export function importUrl(projectId: Id, fileName: string): string {
  return `/api/projects/${projectId}/imports?filename=${encodeURIComponent(fileName)}`;
}

/** Say which video is meant; null leaves the dataset's video out. */
export function chooseMatch(importId: Id, key: string, videoId: Id | null): Promise<ImportDetails> {
  const body = { key, video_id: videoId };
  return settled(api.PUT("/api/imports/{import_id}/match", { params: pathOf(importId), body }));
}

export function startImport(
  importId: Id,
  then: NewImport["then"],
  choices: Omit<NewImport, "then">,
): Promise<DatasetImport> {
  const body = { ...choices, then };
  return settled(api.POST("/api/imports/{import_id}/start", { params: pathOf(importId), body }));
}

export function undoImport(importId: Id): Promise<DatasetImport> {
  return settled(api.POST("/api/imports/{import_id}/undo", { params: pathOf(importId) }));
}

export function deleteImport(importId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/imports/{import_id}", { params: pathOf(importId) }));
}

function pathOf(importId: Id) {
  return { path: { import_id: importId } };
}
