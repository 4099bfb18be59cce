import { problemFrom, unreachable } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RequestOptions {
  readonly body?: unknown;
  /** The action id. Sending the same key again with the same body is always safe. */
  readonly idempotencyKey?: string;
  /** The masklet version the edit was made against; the server answers 412 when it has moved on. */
  readonly ifMatch?: number;
  readonly signal?: AbortSignal | undefined;
  /** Lets the request outlive a closing tab. */
  readonly keepalive?: boolean;
}

const TIMEOUT_MILLISECONDS = 30_000;

/** Sends one request and resolves with its JSON body; throws RequestFailed on any other outcome. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  if (options.idempotencyKey) headers.set("Idempotency-Key", options.idempotencyKey);
  if (options.ifMatch !== undefined) headers.set("If-Match", `"${options.ifMatch}"`);
  const timeout = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const init: RequestInit = {
    method,
    headers,
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    keepalive: options.keepalive ?? false,
  };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api${path}`, init);
    text = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw problemFrom(response.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", path, { signal });
}

/** A fresh action id. */
export function newActionId(): string {
  return crypto.randomUUID();
}
