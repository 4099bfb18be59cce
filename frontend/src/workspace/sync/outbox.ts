import { newActionId } from "@/api/client";
import { RequestFailed } from "@/api/problem";
import type { Id } from "@/api/types";
import { adopt, enqueue, type PendingWrite, rebase, type Write, withoutObject } from "./writes";

/** Why edits wait: no connection, or a server that is not ready. */
export type Holdup = "network" | "server";

/** The result of one attempt to send a write. */
export type WriteOutcome =
  | {
      readonly kind: "done";
      readonly created?: { readonly draft: Id; readonly id: Id };
      /** The basis of later edits of the same frame. */
      readonly basis?: string;
      /** Frames an undo or redo changed. */
      readonly touched?: readonly number[];
    }
  /** Send again with the same key; nothing is known to have happened. */
  | { readonly kind: "retry"; readonly because: Holdup }
  /** Something else has changed than what was edited: send again under a new key. */
  | { readonly kind: "rebase" }
  /** The server rejected the edit; it is dropped and the person told. */
  | { readonly kind: "refused"; readonly message: string };

export interface OutboxHandlers {
  /** Sends the write and takes its result into the replica before resolving. */
  readonly send: (pending: PendingWrite) => Promise<WriteOutcome>;
  /** The queue changed; the page shows exactly this. */
  readonly onChange: (queue: readonly PendingWrite[], holdup: Holdup | null) => void;
  readonly onAdopted: (draft: Id, id: Id) => void;
  /** An undo or redo changed these frames. */
  readonly onStepped: (frames: readonly number[]) => void;
  readonly onRefused: (write: Write, message: string) => void;
}

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;
const MOST_REBASES = 4;

/** The edits of one video, sent one at a time in order; each stays until the server acknowledges it. */
export class Outbox {
  readonly #handlers: OutboxHandlers;
  #queue: readonly PendingWrite[] = [];
  #holdup: Holdup | null = null;
  #running = false;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(handlers: OutboxHandlers) {
    this.#handlers = handlers;
  }

  get queue(): readonly PendingWrite[] {
    return this.#queue;
  }

  add(write: Write, basis = ""): Id {
    const actionId = newActionId();
    this.#set(enqueue(this.#queue, { actionId, write, state: "waiting", basis }));
    void this.#run();
    return actionId;
  }

  /** Retries at once. */
  retryNow(): void {
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let pause = FIRST_PAUSE;
    let rebases = 0;
    while (!this.#closed) {
      const head = this.#takeHead();
      if (head === null) break;
      const outcome = await this.#attempt(head);
      if (outcome.kind === "retry") {
        this.#holdup = outcome.because;
        this.#set(this.#queue);
        await this.#sleep(pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
        continue;
      }
      pause = FIRST_PAUSE;
      rebases = outcome.kind === "rebase" ? rebases + 1 : 0;
      this.#settle(head, rebases > MOST_REBASES ? refusedAfterRebases : outcome);
    }
    this.#running = false;
  }

  #takeHead(): PendingWrite | null {
    const head = this.#queue[0];
    if (head === undefined) return null;
    const sending: PendingWrite = { ...head, state: "sending" };
    this.#set([sending, ...this.#queue.slice(1)]);
    return sending;
  }

  async #attempt(head: PendingWrite): Promise<WriteOutcome> {
    try {
      return await this.#handlers.send(head);
    } catch (error) {
      const because = holdupOf(error);
      if (because !== null) return { kind: "retry", because };
      return { kind: "refused", message: error instanceof Error ? error.message : String(error) };
    }
  }

  #settle(head: PendingWrite, outcome: Exclude<WriteOutcome, { kind: "retry" }>): void {
    this.#holdup = null;
    const rest = this.#queue.slice(1);
    if (outcome.kind === "rebase") {
      this.#set([{ ...head, actionId: newActionId(), state: "waiting" }, ...rest]);
    } else if (outcome.kind === "done") {
      const { created, basis, touched } = outcome;
      if (touched !== undefined) this.#handlers.onStepped(touched);
      if (created !== undefined) this.#handlers.onAdopted(created.draft, created.id);
      const adopted = created === undefined ? rest : adopt(rest, created.draft, created.id);
      this.#set(basis === undefined ? adopted : rebase(adopted, head.write, basis));
    } else {
      this.#set(head.write.kind === "create" ? withoutObject(rest, head.write.object) : rest);
      this.#handlers.onRefused(head.write, outcome.message);
    }
  }

  #set(queue: readonly PendingWrite[]): void {
    this.#queue = queue;
    this.#handlers.onChange(queue, this.#holdup);
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const refusedAfterRebases = {
  kind: "refused" as const,
  message: "The object keeps changing elsewhere. Your last edit was not applied.",
};

/** Failures after which the same request may succeed later; null for those that are final. */
function holdupOf(error: unknown): Holdup | null {
  if (!(error instanceof RequestFailed)) return null;
  if (error.status === 0) return "network";
  // 401: sending resumes once the person has signed in again.
  return [401, 429, 503, 504].includes(error.status) ? "server" : null;
}
