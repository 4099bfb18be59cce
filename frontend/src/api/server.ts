/** Calls about the server itself: its health and the model it runs. */
import { get } from "./client";
import { unreachable } from "./problem";
import type { Health, ModelInfo } from "./types";

export function fetchModel(signal?: AbortSignal): Promise<ModelInfo> {
  return get<ModelInfo>("/model", signal);
}

/** The same body comes with 200 and, while some part is down, with 503. */
export async function fetchHealth(signal?: AbortSignal): Promise<Health> {
  const timeout = AbortSignal.timeout(5000);
  const combined = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const response = await fetch("/api/health", { signal: combined }).catch(() => {
    throw unreachable();
  });
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === "object" && body !== null && "model_server" in body) return body as Health;
  throw unreachable();
}
