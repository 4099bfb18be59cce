import { newActionId } from "@/api/client";
import { type Holdup, holdupOf, pauseAsked } from "@/api/holdup";
import type { Id } from "@/api/types";
import { creationOf, type RefusedEdit, setAside } from "./refusedEdits";
import { adopt, enqueue, type PendingWrite, rebase, type Write } from "./writes";

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
  /** Something else has changed than what was edited: send again under a new key. */
  | { readonly kind: "rebase" }
  /** The server rejected the edit for good; it is set aside until the person has seen why. */
  | { readonly kind: "refused"; readonly message: string };

type Attempt = WriteOutcome | { readonly kind: "retry"; readonly because: Holdup; readonly pause: number };

/** All that is not saved. */
export interface Unsaved {
  readonly queue: readonly PendingWrite[];
  readonly refusedEdits: readonly RefusedEdit[];
}

export interface OutboxHandlers {
  /** Completes a write at its first attempt; every further one sends the same. */
  readonly prepare?: (pending: PendingWrite) => PendingWrite;
  /** Sends the write and takes its result into the replica before resolving. */
  readonly send: (pending: PendingWrite) => Promise<WriteOutcome>;
  /** The page shows exactly this. */
  readonly onChange: (unsaved: Unsaved, holdup: Holdup | null) => void;
  readonly onAdopted: (draft: Id, id: Id) => void;
  /** An undo or redo changed these frames. */
  readonly onStepped: (frames: readonly number[]) => void;
  readonly onRefused: (write: Write, message: string) => void;
  /** What the person sees now, for a refused edit that is to be made all the same. */
  readonly basisNow?: (write: Write) => string;
}

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 5000;
const LONGEST_ASKED_PAUSE = 30_000;
const MOST_REBASES = 4;
/** The prompts are stored by then, and only their mask is missing. */
const MOST_MODEL_FAILURES = 3;

/**
 * The edits of one video, sent one at a time in order; each stays until the server acknowledges it, or until the
 * person has seen why it was refused.
 */
export class Outbox {
  readonly #handlers: OutboxHandlers;
  #queue: readonly PendingWrite[] = [];
  #refusedEdits: readonly RefusedEdit[] = [];
  /** The ids under which edits were sent once more, by those they had before. */
  readonly #laterIds = new Map<Id, Id>();
  #holdup: Holdup | null = null;
  #running = false;
  #paused = false;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(handlers: OutboxHandlers) {
    this.#handlers = handlers;
  }

  get queue(): readonly PendingWrite[] {
    return this.#queue;
  }

  get unsaved(): Unsaved {
    return { queue: this.#queue, refusedEdits: this.#refusedEdits };
  }

  /** Its answer is the id of the step that the write becomes. */
  add(write: Write, basis = ""): Id {
    const pending: PendingWrite = { actionId: newActionId(), write, state: "waiting", basis };
    const creation = creationOf(this.#refusedEdits, write);
    let step = pending.actionId;
    if (creation === undefined) {
      const queue = enqueue(this.#queue, pending);
      step = queue.at(-1)?.actionId ?? step;
      this.#set(queue);
    } else if (write.kind === "delete") this.dismiss([creation.id]);
    else this.#follow(creation, pending);
    void this.#run();
    return step;
  }

  /** Takes up what an earlier page has left; it is older than everything added here. */
  restore({ queue, refusedEdits }: Unsaved): void {
    this.#refusedEdits = [...refusedEdits, ...this.#refusedEdits];
    this.#set([...queue, ...this.#queue]);
    void this.#run();
  }

  /** Holds everything back until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    void this.#run();
  }

  /** Sends refused edits once more, as new ones that build on what is there now. */
  tryAgain(ids: readonly Id[]): void {
    const chosen = this.#refusedEdits.filter(({ id }) => ids.includes(id));
    this.#refusedEdits = this.#refusedEdits.filter(({ id }) => !ids.includes(id));
    const added = chosen.flatMap(({ id, write, followers }): PendingWrite[] => {
      const basis = this.#handlers.basisNow?.(write) ?? "";
      return [{ actionId: this.#laterId(id), write, state: "waiting", basis }, ...followers];
    });
    this.#set([...this.#queue, ...added]);
    void this.#run();
  }

  /** The person has seen why these were refused, and lets them go. */
  dismiss(ids: readonly Id[]): void {
    this.#refusedEdits = this.#refusedEdits.filter(({ id }) => !ids.includes(id));
    this.#set(this.#queue);
  }

  /** Retries at once. */
  retryNow(): void {
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** What a refused creation holds up stays with it, in order. */
  #follow(creation: RefusedEdit, pending: PendingWrite): void {
    this.#refusedEdits = this.#refusedEdits.map((refusedEdit) =>
      refusedEdit === creation
        ? { ...refusedEdit, followers: enqueue(refusedEdit.followers, pending) }
        : refusedEdit,
    );
    this.#set(this.#queue);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    let pause = FIRST_PAUSE;
    let rebases = 0;
    let modelFailures = 0;
    while (!this.#closed && !this.#paused) {
      const head = this.#takeHead();
      if (head === null) break;
      let outcome = await this.#attempt(head);
      if (this.#closed) break; // whoever takes the edits over sends it again, under the same key
      if (outcome.kind === "retry") {
        modelFailures += outcome.because === "failed-model" ? 1 : 0;
        if (modelFailures < MOST_MODEL_FAILURES) {
          this.#holdup = outcome.because;
          this.#set(this.#queue);
          await this.#sleep(Math.max(pause, Math.min(outcome.pause, LONGEST_ASKED_PAUSE)));
          pause = Math.min(pause * 2, LONGEST_PAUSE);
          continue;
        }
        outcome = storedWithoutMask;
      }
      pause = FIRST_PAUSE;
      modelFailures = 0;
      rebases = outcome.kind === "rebase" ? rebases + 1 : 0;
      this.#settle(head, rebases > MOST_REBASES ? refusedAfterRebases : outcome);
    }
    this.#running = false;
  }

  #takeHead(): PendingWrite | null {
    const head = this.#queue[0];
    if (head === undefined) return null;
    const aimed = { ...head, write: this.#aimed(head.write) };
    const prepared = this.#handlers.prepare?.(aimed) ?? aimed;
    const sending: PendingWrite = { ...prepared, state: "sending" };
    this.#set([sending, ...this.#queue.slice(1)]);
    return sending;
  }

  #laterId(id: Id): Id {
    const later = newActionId();
    this.#laterIds.set(id, later);
    return later;
  }

  /** An undo of one step takes back what the step became under its last id. */
  #aimed(write: Write): Write {
    if (write.kind !== "undo" || write.step === undefined) return write;
    const later = this.#laterIds.get(write.step);
    return later === undefined ? write : this.#aimed({ ...write, step: later });
  }

  async #attempt(head: PendingWrite): Promise<Attempt> {
    try {
      return await this.#handlers.send(head);
    } catch (error) {
      const because = holdupOf(error);
      if (because !== null) return { kind: "retry", because, pause: pauseAsked(error) };
      return { kind: "refused", message: error instanceof Error ? error.message : String(error) };
    }
  }

  #settle(head: PendingWrite, outcome: WriteOutcome): void {
    this.#holdup = null;
    const rest = this.#queue.slice(1);
    if (outcome.kind === "rebase") {
      const { aim: _passed, ...edit } = head;
      this.#set([{ ...edit, actionId: this.#laterId(head.actionId), state: "waiting" }, ...rest]);
    } else if (outcome.kind === "done") {
      const { created, basis, touched } = outcome;
      if (touched !== undefined) this.#handlers.onStepped(touched);
      if (created !== undefined) this.#handlers.onAdopted(created.draft, created.id);
      const adopted = created === undefined ? rest : adopt(rest, created.draft, created.id);
      this.#set(basis === undefined ? adopted : rebase(adopted, head.write, basis));
    } else {
      const { aside, kept } = setAside(head, rest);
      const [first, ...followers] = aside;
      if (first !== undefined) {
        const refusedEdit = { id: first.actionId, write: first.write, message: outcome.message, followers };
        this.#refusedEdits = [...this.#refusedEdits, refusedEdit];
      }
      this.#set(kept);
      this.#handlers.onRefused(head.write, outcome.message);
    }
  }

  #set(queue: readonly PendingWrite[]): void {
    this.#queue = queue;
    this.#handlers.onChange(this.unsaved, this.#holdup);
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

const storedWithoutMask = {
  kind: "refused" as const,
  message: "The model failed at this several times. The prompts are stored, but there is no new mask.",
};
