/** Calls about the phases of the data engine. */
import { abortable, api, settled } from "./client";
import type { PhaseRules } from "./types";

export function fetchPhases(signal?: AbortSignal): Promise<readonly PhaseRules[]> {
  return settled(api.GET("/api/phases", abortable(signal)));
}
