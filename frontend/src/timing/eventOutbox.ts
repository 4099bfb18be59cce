import { RequestFailed } from "@/api/problem";
import type { ActivityEvent } from "@/api/types";

const PREFIX = "maskloom-activity:";
/** Earlier versions kept events without saying whose they are. */
const NAMED = /^maskloom-activity:([^:]*):/;
/** The server takes at most 500 events at once; a request that outlives its page at most 64 KB. */
const BATCH = 400;
const LAST_BATCH = 120;
/** About seven hours of work without a connection. */
const MOST_KEPT = 10_000;

/** Whose events they are, and of which tab. */
export interface EventOwner {
  readonly person: string;
  readonly session: string;
}

export type SendEvents = (events: readonly ActivityEvent[], keepalive: boolean) => Promise<unknown>;

/**
 * Events not yet acknowledged, kept in localStorage so that a reload or a crash loses nothing. Sending twice is
 * harmless: the server knows every event by its id. What a dead tab left behind is sent by the same person's next one;
 * what somebody else left waits for them.
 */
export class EventOutbox {
  readonly #key: string;
  readonly #person: string;
  readonly #storage: Storage;
  readonly #send: SendEvents;
  #waiting: ActivityEvent[] = [];
  #sending = false;

  constructor({ person, session }: EventOwner, storage: Storage, send: SendEvents) {
    this.#key = `${PREFIX}${person}:${session}`;
    this.#person = person;
    this.#storage = storage;
    this.#send = send;
    this.#adoptOrphans();
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(event: ActivityEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > MOST_KEPT) this.#waiting.splice(0, this.#waiting.length - MOST_KEPT);
    this.#store();
  }

  /** Sends the waiting events; they stay if that fails. */
  async flush(keepalive = false): Promise<void> {
    if (this.#sending && !keepalive) return;
    this.#sending = true;
    try {
      let most = keepalive ? LAST_BATCH : BATCH;
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, most);
        const accepted = await this.#accepted(batch, keepalive);
        most = accepted ? Math.min(most * 2, keepalive ? LAST_BATCH : BATCH) : Math.ceil(batch.length / 2);
        if (!accepted && batch.length > 1) continue;
        const done = new Set(batch.map((event) => event.event_id));
        this.#waiting = this.#waiting.filter((event) => !done.has(event.event_id));
        this.#store();
      }
    } catch {
      // Kept; the next heartbeat tries again.
    } finally {
      this.#sending = false;
    }
  }

  /** False when the server will never take it: one event it cannot read must not hold up all that come after it. */
  async #accepted(batch: readonly ActivityEvent[], keepalive: boolean): Promise<boolean> {
    try {
      await this.#send(batch, keepalive);
      return true;
    } catch (error) {
      if (error instanceof RequestFailed && (error.status === 422 || error.status === 413)) return false;
      throw error;
    }
  }

  #store(): void {
    try {
      if (this.#waiting.length === 0) this.#storage.removeItem(this.#key);
      else this.#storage.setItem(this.#key, JSON.stringify(this.#waiting));
    } catch {
      // Storage full or forbidden: events still leave from memory.
    }
  }

  #adoptOrphans(): void {
    for (let i = this.#storage.length - 1; i >= 0; i--) {
      const key = this.#storage.key(i);
      if (key === null || !key.startsWith(PREFIX) || key === this.#key) continue;
      const owner = NAMED.exec(key)?.[1];
      if (owner !== undefined && owner !== this.#person) continue;
      if (owner === this.#person) this.#waiting.push(...parsed(this.#storage.getItem(key)));
      this.#storage.removeItem(key);
    }
    if (this.#waiting.length > 0) this.#store();
  }
}

function parsed(text: string | null): ActivityEvent[] {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(value) ? (value as ActivityEvent[]) : [];
  } catch {
    return [];
  }
}
