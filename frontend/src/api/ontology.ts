/** Calls about a project's classes and attributes. */
import { abortable, api, settled } from "./client";
import type { ClassKey, Id, OntologyWrite, ReadOntology } from "./types";

const KEYS: Readonly<Record<ClassKey, true>> = {
  "1": true,
  "2": true,
  "3": true,
  "4": true,
  "5": true,
  "6": true,
  "7": true,
  "8": true,
  "9": true,
  "0": true,
  G: true,
  S: true,
  U: true,
  Y: true,
  Z: true,
};

/** The keys that classes may have in the workspace. */
export const CLASS_KEYS = ["1234567890", "GSUYZ"].flatMap((row) => [...row]).filter(isClassKey);

export function isClassKey(key: string): key is ClassKey {
  return key in KEYS;
}

export function fetchOntology(projectId: Id, signal?: AbortSignal): Promise<ReadOntology> {
  const params = { path: { project_id: projectId } };
  return settled(api.GET("/api/projects/{project_id}/ontology", { params, ...abortable(signal) }));
}

/** By the id of what goes, the name of what takes its place; null for nothing. */
export type Becomes = Readonly<Record<Id, string | null>>;

/** The server answers 412 when somebody changed it since `version`, and 409 where what would go is in use. */
export function replaceOntology(
  projectId: Id,
  version: number,
  ontology: OntologyWrite,
  becomes: Becomes = {},
): Promise<ReadOntology> {
  const params = { path: { project_id: projectId }, header: { "if-match": `"${version}"` } };
  return settled(api.PUT("/api/projects/{project_id}/ontology", { params, body: { ontology, becomes } }));
}
