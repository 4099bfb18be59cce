/** Calls about datasets written from a project. */
import { abortable, allPages, api, keyed, settled } from "./client";
import type { DatasetExport, ExportFormat, Id, NewExport } from "./types";

export function fetchExportFormats(signal?: AbortSignal): Promise<readonly ExportFormat[]> {
  return settled(api.GET("/api/export-formats", abortable(signal)));
}

export function fetchExports(projectId: Id, signal?: AbortSignal): Promise<readonly DatasetExport[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/exports", { params: { path, query }, ...abortable(signal) }),
  );
}

export function deleteExport(exportId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/exports/{export_id}", { params: { path: { export_id: exportId } } }));
}

export function startExport(projectId: Id, body: NewExport, actionId: Id): Promise<DatasetExport> {
  const params = { path: { project_id: projectId }, header: keyed(actionId) };
  return settled(api.POST("/api/projects/{project_id}/exports", { params, body }));
}
