import { RequestFailed } from "./problem";

/** Why edits wait. Each is over some time, and then they are sent as they are. */
export type Holdup =
  | "network"
  | "sign-in"
  | "model"
  | "failed-model"
  | "database"
  | "disk"
  | "busy"
  | "server";

const BY_SLUG: Readonly<Record<string, Holdup>> = {
  "model-server-unavailable": "model",
  "model-failed": "failed-model",
  "database-unavailable": "database",
  "disk-full": "disk",
  collision: "busy",
};
const BY_STATUS: Readonly<Record<number, Holdup>> = {
  0: "network",
  401: "sign-in",
  408: "network",
  425: "busy",
  429: "busy",
  507: "disk",
};

/**
 * Why the same request may succeed later; null only where Maskloom itself has refused it for good. Whatever else came
 * back is no answer to the edit: a proxy's page, half an answer, an answer that cannot be read.
 */
export function holdupOf(error: unknown): Holdup | null {
  if (!(error instanceof RequestFailed)) return "server";
  const known = BY_STATUS[error.status] ?? BY_SLUG[error.slug];
  if (known !== undefined) return known;
  const isRefused = error.status >= 400 && error.status < 500 && error.isProblem;
  return isRefused ? null : "server";
}

/** How long the server asks to wait, in milliseconds; 0 where it does not say. */
export function pauseAsked(error: unknown): number {
  return error instanceof RequestFailed ? 1000 * error.retryAfterSeconds : 0;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
const LONGEST_TRY = 120_000;

/**
 * Sends a write with an action id again while the server cannot take it, for two minutes at most: a restart of a part
 * of the server is not worth a person's attention. Rejects with the last failure.
 */
export async function repeated<T>(send: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await send();
    } catch (error) {
      const because = holdupOf(error);
      const hopeless = because === null || because === "sign-in" || because === "failed-model";
      if (hopeless || Date.now() - begun > LONGEST_TRY) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.max(pause, pauseAsked(error))));
    }
  }
}
