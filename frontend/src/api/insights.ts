/** Calls about the insights, and their downloads. */
import { abortable, api, settled } from "./client";
import type { Id, Insights } from "./types";

export interface InsightsFilter {
  readonly person: Id | null;
  readonly study: Id | null;
  readonly verified: boolean;
  /** Days back from now; null for all time. */
  readonly days: number | null;
}

export function fetchInsights(
  projectId: Id,
  filter: InsightsFilter,
  signal?: AbortSignal,
): Promise<Insights> {
  const params = { path: { project_id: projectId }, query: queryOf(filter) };
  return settled(api.GET("/api/projects/{project_id}/insights", { params, ...abortable(signal) }));
}

/** URL of a download; `name` is a figure plus ".csv", or empty for all figures as JSON. */
export function insightsUrl(projectId: Id, filter: InsightsFilter, name = ""): string {
  const query = new URLSearchParams(
    Object.entries(queryOf(filter)).map(([key, value]) => [key, String(value)]),
  );
  return `/api/projects/${projectId}/insights${name === "" ? "" : `/${name}`}?${query}`;
}

export function activityUrl(projectId: Id, format: "jsonl" | "csv"): string {
  return `/api/projects/${projectId}/activity?format=${format}`;
}

const DAY_MILLISECONDS = 24 * 3600 * 1000;

function queryOf({ person, study, verified, days }: InsightsFilter) {
  return {
    verified,
    ...(person === null ? {} : { person }),
    ...(study === null ? {} : { study }),
    ...(days === null ? {} : { since: new Date(Date.now() - days * DAY_MILLISECONDS).toISOString() }),
  };
}
