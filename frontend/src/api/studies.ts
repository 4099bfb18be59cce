/** Calls about studies. */
import { abortable, allPages, api, keyed, settled } from "./client";
import type { Id, Study, StudyChoices, StudyDetails } from "./types";

function ofStudy(studyId: Id) {
  return { params: { path: { study_id: studyId } } };
}

export function fetchStudies(projectId: Id, signal?: AbortSignal): Promise<readonly Study[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/studies", { params: { path, query }, ...abortable(signal) }),
  );
}

export function fetchStudyChoices(projectId: Id, signal?: AbortSignal): Promise<StudyChoices> {
  const params = { path: { project_id: projectId } };
  return settled(api.GET("/api/projects/{project_id}/study-choices", { params, ...abortable(signal) }));
}

export function fetchStudy(studyId: Id, signal?: AbortSignal): Promise<StudyDetails> {
  return settled(api.GET("/api/studies/{study_id}", { ...ofStudy(studyId), ...abortable(signal) }));
}

export interface NewStudy {
  readonly name: string;
  readonly selected_ids: readonly Id[];
  readonly user_ids: readonly Id[];
}

export function createStudy(projectId: Id, body: NewStudy, actionId: Id): Promise<StudyDetails> {
  const params = { path: { project_id: projectId }, header: keyed(actionId) };
  const phases = ["sam_per_frame", "sam_plus_sam2_mask", "sam2"] as const;
  return settled(api.POST("/api/projects/{project_id}/studies", { params, body: { ...body, phases } }));
}

export function startStudy(studyId: Id): Promise<StudyDetails> {
  return settled(api.POST("/api/studies/{study_id}/start", ofStudy(studyId)));
}

export function closeStudy(studyId: Id): Promise<StudyDetails> {
  return settled(api.POST("/api/studies/{study_id}/close", ofStudy(studyId)));
}
