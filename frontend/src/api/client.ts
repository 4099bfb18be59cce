import createClient from "openapi-fetch";
import type { paths } from "./generated/schema";
import { inTheirName } from "./person";
import { isBarred, problemFrom, unreachable } from "./problem";
import { noteAnswer, noteNoAnswer, reportSuccess, reportTrouble } from "./reachability";

/** Every call by its address in openapi.json: a path, parameter or body the backend does not know will not compile. */
export const api = createClient<paths>({ fetch: withTimeout });

const TIMEOUT_MILLISECONDS = 30_000;

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The answer's body; throws RequestFailed on any other outcome, and the abort's own error when the caller gave up. */
export async function settled<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    throw isLostConnection(error) ? unreachable() : error;
  }
  if (!answer.response.ok) {
    const failure = problemFrom(answer.response.status, answer.error, retryAfterOf(answer.response));
    if (failure.slug === "not-signed-in") reportSignedOut();
    if (isBarred(failure)) reportBarred();
    if (failure.status >= 500) reportTrouble();
    throw failure;
  }
  reportSuccess();
  return answer.data as T;
}

/** Which part of a list to ask for. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

const LARGEST_PAGE = 500;

/**
 * All entries of a list that comes in pages: each answer but the last links to the next one. With `enough`, only those
 * of the first pages that are enough.
 */
export async function allPages<T>(
  page: (query: PageQuery) => Promise<Answer<readonly T[]>>,
  enough: (entries: readonly T[]) => boolean = () => false,
): Promise<readonly T[]> {
  const entries: T[] = [];
  let query: PageQuery = { limit: LARGEST_PAGE };
  for (;;) {
    const call = page(query);
    entries.push(...(await settled(call)));
    const cursor = nextCursor((await call).response);
    if (cursor === null || enough(entries)) return entries;
    query = { ...query, cursor };
  }
}

function nextCursor(response: Response): string | null {
  const link = /<([^>]*)>;\s*rel="next"/.exec(response.headers.get("link") ?? "");
  return link?.[1] === undefined ? null : new URL(link[1], "http://page").searchParams.get("cursor");
}

const signedOutListeners = new Set<() => void>();

/** Calls back whenever a request finds that nobody is signed in. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** For calls that do not go through `settled`. */
export function reportSignedOut(): void {
  for (const listener of signedOutListeners) listener();
}

const barredListeners = new Set<() => void>();

/** Calls back whenever a request finds that something is not there, or not for this person. */
export function onBarred(listener: () => void): () => void {
  barredListeners.add(listener);
  return () => barredListeners.delete(listener);
}

function reportBarred(): void {
  for (const listener of barredListeners) listener();
}

/** A fresh action id. Sending the same id again with the same body is always safe. */
export function newActionId(): string {
  return crypto.randomUUID();
}

/** The header of a write that is no edit of a masklet; with the lease of the task it is done for, if any. */
export function keyed(actionId: string, lease: string | null = null) {
  return { "idempotency-key": actionId, ...(lease === null ? {} : { lease }) };
}

/** For requests that may be aborted. */
export function abortable(signal: AbortSignal | undefined) {
  return signal ? { signal } : {};
}

/** A request that takes longer counts as a lost connection. */
async function withTimeout(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
  // The API sends nobody elsewhere: a redirection comes from something on the way, which wants a person, not an edit.
  const named = new Request(request, { signal, redirect: "error" });
  for (const [name, value] of Object.entries(inTheirName())) named.headers.set(name, value);
  try {
    const response = await fetch(named);
    noteAnswer();
    return response;
  } catch (error) {
    // A request that only took too long says nothing about the others.
    if (error instanceof TypeError) noteNoAnswer();
    throw error;
  }
}

/** The header's seconds; its other form, a date, counts as none. */
function retryAfterOf(response: Response): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

function isLostConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");
}
