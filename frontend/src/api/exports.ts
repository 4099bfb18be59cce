/** Calls about datasets written from a project. */
import { get, request } from "./client";
import type { DatasetExport, Id } from "./types";

export function fetchExports(projectId: Id, signal?: AbortSignal): Promise<readonly DatasetExport[]> {
  return get<readonly DatasetExport[]>(`/projects/${projectId}/exports`, signal);
}

export interface NewExport {
  readonly format: string;
  readonly only_satisfactory: boolean;
}

export function startExport(projectId: Id, body: NewExport, actionId: Id): Promise<DatasetExport> {
  return request<DatasetExport>("POST", `/projects/${projectId}/exports`, { body, idempotencyKey: actionId });
}
