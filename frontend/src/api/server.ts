/** Calls about the server itself: its health and the model it runs. */
import { abortable, allPages, api, settled } from "./client";
import { unreachable } from "./problem";
import type { Health, ModelInfo, Models, ModelVersion } from "./types";

export function fetchModel(signal?: AbortSignal): Promise<ModelInfo> {
  return settled(api.GET("/api/model", abortable(signal)));
}

export function fetchModels(signal?: AbortSignal): Promise<Models> {
  return settled(api.GET("/api/models", abortable(signal)));
}

/** The names of the versions that masks are marked with. */
export function fetchModelVersions(signal?: AbortSignal): Promise<readonly ModelVersion[]> {
  return allPages((query) => api.GET("/api/model-versions", { params: { query }, ...abortable(signal) }));
}

/** The same body comes with 200 and, while some part is down, with 503. */
export async function fetchHealth(signal?: AbortSignal): Promise<Health> {
  const { data, error } = await api.GET("/api/health", abortable(signal)).catch(() => {
    throw unreachable();
  });
  const health = data ?? error;
  if (typeof health === "object" && "model_server" in health) return health;
  throw unreachable();
}
