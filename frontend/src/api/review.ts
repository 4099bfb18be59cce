/** Calls of the review page. */
import { get, newActionId, request } from "./client";
import type { Id, ReviewItem, VerdictResult, VerdictValue } from "./types";

export function fetchReviewQueue(projectId: Id, signal?: AbortSignal): Promise<readonly ReviewItem[]> {
  return get<readonly ReviewItem[]>(`/projects/${projectId}/review`, signal);
}

export interface NewVerdict {
  readonly verdict: VerdictValue;
  readonly reasons: readonly string[];
}

/** The version says which masks the verifier saw; the server refuses when they have changed since. */
export function recordVerdict(maskletId: Id, version: number, body: NewVerdict): Promise<VerdictResult> {
  const options = { body, ifMatch: version, idempotencyKey: newActionId() };
  return request<VerdictResult>("POST", `/masklets/${maskletId}/verdicts`, options);
}

export function withdrawVerdict(maskletId: Id, version: number): Promise<unknown> {
  const options = { ifMatch: version, idempotencyKey: newActionId() };
  return request<unknown>("DELETE", `/masklets/${maskletId}/verdicts/latest`, options);
}
