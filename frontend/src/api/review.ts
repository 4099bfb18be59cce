/** Calls of the review page. */
import { type Edit, guarded } from "./annotation";
import { abortable, allPages, api, settled } from "./client";
import type { Id, Masklet, PastVerdict, ReviewItem, VerdictResult, VerdictValue } from "./types";

/** The riskiest of what waits for a verdict: a page of it, and more until the masklet that was asked for is there. */
export function fetchReviewQueue(
  projectId: Id,
  opened: Id | null,
  signal?: AbortSignal,
): Promise<readonly ReviewItem[]> {
  const path = { project_id: projectId };
  return allPages(
    (query) =>
      api.GET("/api/projects/{project_id}/review", { params: { path, query }, ...abortable(signal) }),
    (items) => opened === null || items.some(({ masklet }) => masklet.id === opened),
  );
}

/** All verdicts a masklet was given, latest first. */
export function fetchVerdicts(maskletId: Id, signal?: AbortSignal): Promise<readonly PastVerdict[]> {
  const path = { masklet_id: maskletId };
  return allPages((query) =>
    api.GET("/api/masklets/{masklet_id}/verdicts", { params: { path, query }, ...abortable(signal) }),
  );
}

export interface NewVerdict {
  readonly verdict: VerdictValue;
  readonly reasons: readonly string[];
  readonly note: string | null;
  /** Where the verifier saw what is wrong, if it is one frame. */
  readonly frame_index: number | null;
}

/** The edit's version says which masks the verifier saw; the server refuses when they have changed since. */
export function recordVerdict(edit: Edit, body: NewVerdict): Promise<VerdictResult> {
  // Alive when the page is left right afterwards.
  return settled(
    api.POST("/api/masklets/{masklet_id}/verdicts", { params: guarded(edit), body, keepalive: true }),
  );
}

export function withdrawVerdict(edit: Edit): Promise<Masklet> {
  return settled(api.DELETE("/api/masklets/{masklet_id}/verdicts/latest", { params: guarded(edit) }));
}
