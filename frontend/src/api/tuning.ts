/** Calls about the models that projects use: which one, and new ones tuned on what was verified. */
import { abortable, allPages, api, keyed, settled } from "./client";
import type { Id, Models, ProjectModel, Tuning, TuningDecision, TuningPlan } from "./types";

function ofProject(projectId: Id) {
  return { params: { path: { project_id: projectId } } };
}

function ofTuning(tuningId: Id) {
  return { params: { path: { tuning_id: tuningId } } };
}

export function fetchProjectModel(projectId: Id, signal?: AbortSignal): Promise<ProjectModel> {
  return settled(
    api.GET("/api/projects/{project_id}/model", { ...ofProject(projectId), ...abortable(signal) }),
  );
}

export function rollBackProjectModel(projectId: Id): Promise<ProjectModel> {
  return settled(api.POST("/api/projects/{project_id}/model/roll-back", ofProject(projectId)));
}

export function fetchTuningPlan(projectId: Id, signal?: AbortSignal): Promise<TuningPlan> {
  const options = { ...ofProject(projectId), ...abortable(signal) };
  return settled(api.GET("/api/projects/{project_id}/tuning-plan", options));
}

export function fetchTunings(projectId: Id, signal?: AbortSignal): Promise<readonly Tuning[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/tunings", { params: { path, query }, ...abortable(signal) }),
  );
}

export interface NewTuning {
  /** What the new model is called. */
  readonly name: string;
  readonly num_steps: number;
}

export function startTuning(projectId: Id, body: NewTuning, actionId: Id): Promise<Tuning> {
  const params = { path: { project_id: projectId }, header: keyed(actionId) };
  return settled(api.POST("/api/projects/{project_id}/tunings", { params, body }));
}

export function cancelTuning(tuningId: Id): Promise<Tuning> {
  return settled(api.POST("/api/tunings/{tuning_id}/cancel", ofTuning(tuningId)));
}

export function decideOnTuning(tuningId: Id, decision: TuningDecision): Promise<Tuning> {
  return settled(api.PUT("/api/tunings/{tuning_id}/decision", { ...ofTuning(tuningId), body: { decision } }));
}

export function promoteDefaultModel(model: string): Promise<Models> {
  return settled(api.PUT("/api/models/default", { body: { model } }));
}

export function rollBackDefaultModel(): Promise<Models> {
  return settled(api.POST("/api/models/default/roll-back", {}));
}
