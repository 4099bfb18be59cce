import { newActionId } from "@/api/client";
import { holdupOf, pauseAsked } from "@/api/holdup";
import { messageOf } from "@/api/problem";
import type { Id } from "@/api/types";
import type { KeptOutcome, OutcomeState, Press } from "./outcome";

/** How a press ended. */
export type Settlement =
  | { readonly at: "done"; readonly answer: unknown }
  | { readonly at: "taken back" }
  /** `kept`: it had to wait, so the person may be elsewhere; it is shown until they have seen why. */
  | { readonly at: "refused"; readonly error: unknown; readonly kept: boolean };

export interface KeeperPorts {
  readonly storage: Storage;
  readonly send: (kept: KeptOutcome) => Promise<unknown>;
  readonly hasArrived: (kept: KeptOutcome) => Promise<boolean>;
  /** Does the work while no other page has this id; waits for the page that has it to end. */
  readonly alone: (id: Id, work: () => Promise<void>) => void;
}

const PREFIX = "maskloom-outcome:";
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
const LONGEST_ASKED_PAUSE = 30_000;

/**
 * Keeps what ends a piece of work until the server has answered it: repeated under one key while the service is away,
 * in the browser's storage, so that the next page goes on if this one ends, and taken back if the person wants.
 */
export class OutcomeKeeper {
  readonly #ports: KeeperPorts;
  #person: Id | null = null;
  #kept: readonly KeptOutcome[] = [];
  readonly #begun = new Set<Id>();
  readonly #unstored = new Set<Id>();
  readonly #callers = new Map<Id, (settlement: Settlement) => void>();
  readonly #sleepers = new Map<Id, () => void>();
  readonly #listeners = new Set<() => void>();
  readonly #settled = new Set<(kept: KeptOutcome, settlement: Settlement) => void>();

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
  }

  /** What is not settled, oldest first. */
  get kept(): readonly KeptOutcome[] {
    return this.#kept;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  onSettled(listener: (kept: KeptOutcome, settlement: Settlement) => void): () => void {
    this.#settled.add(listener);
    return () => this.#settled.delete(listener);
  }

  /** Takes up what this person's earlier pages have left, and puts aside what is somebody else's. */
  actFor(person: Id): void {
    if (person !== this.#person) {
      this.#person = person;
      this.#begun.clear();
      this.#set([]);
    }
    for (const { id } of this.#stored()) {
      if (this.#begun.has(id)) continue;
      this.#begun.add(id);
      this.#ports.alone(id, () => this.#takeUp(id));
    }
  }

  /** Sends an outcome, and keeps it until it is answered. */
  press(press: Press): { readonly id: Id; readonly settled: Promise<Settlement> } {
    const [id, person] = [newActionId(), this.#person ?? ""];
    const kept: KeptOutcome = {
      ...press,
      id,
      person,
      since: Date.now(),
      state: { at: "sending" },
      attended: true,
    };
    for (const before of this.#kept)
      if (isReplaced(before, press)) this.#settle(before, { at: "taken back" });
    const settled = new Promise<Settlement>((resolve) => this.#callers.set(id, resolve));
    this.#begun.add(id);
    this.#set([...this.#kept, kept]);
    this.#store(kept);
    this.#ports.alone(id, () => this.#drive(id));
    return { id, settled };
  }

  /** Stops repeating it. It counts as taken back once the server has told that it had not arrived. */
  takeBack(id: Id): void {
    const kept = this.#find(id);
    if (kept?.state.at !== "sending" && kept?.state.at !== "waiting") return;
    this.#become(kept, { at: "taking back" });
    this.#sleepers.get(id)?.();
  }

  /** The person has seen why it was refused. */
  dismiss(id: Id): void {
    this.#forget(id);
  }

  /** Whether something would be lost with the page, because the browser had no room to store it. */
  get isAtRisk(): boolean {
    return this.#kept.some((kept) => kept.state.at !== "refused" && this.#unstored.has(kept.id));
  }

  retryNow(): void {
    for (const wake of this.#sleepers.values()) wake();
  }

  /** Another page has changed what is stored under this key. */
  noteStored(key: string | null, text: string | null): void {
    if (key?.startsWith(PREFIX) !== true || this.#person === null) return;
    const refused = this.#kept.find((kept) => keyOf(kept) === key && kept.state.at === "refused");
    if (text !== null) this.actFor(this.#person);
    else if (refused !== undefined) this.#set(this.#kept.filter((kept) => kept !== refused));
  }

  async #takeUp(id: Id): Promise<void> {
    const left = this.#stored().find((kept) => kept.id === id);
    if (left === undefined) return; // the page that had it has settled it
    const waits = left.state.at === "sending";
    this.#set([...this.#kept, { ...left, state: waits ? { at: "waiting" } : left.state, attended: false }]);
    await this.#drive(id);
  }

  async #drive(id: Id): Promise<void> {
    let pause = FIRST_PAUSE;
    for (;;) {
      const kept = this.#find(id);
      if (kept === undefined || kept.state.at === "refused") return;
      try {
        return this.#settle(kept, await this.#attempt(kept));
      } catch (error) {
        const now = this.#find(id);
        if (now === undefined) return;
        const because = holdupOf(error);
        if (because === null || because === "failed-model") return this.#refuse(now, error);
        if (now.state.at === "sending") this.#become(now, { at: "waiting" });
        if (kept.state.at !== "taking back" && now.state.at === "taking back") continue; // ask at once
        await this.#sleep(id, Math.max(pause, Math.min(pauseAsked(error), LONGEST_ASKED_PAUSE)));
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  async #attempt(kept: KeptOutcome): Promise<Settlement> {
    if (kept.state.at !== "taking back") return { at: "done", answer: await this.#ports.send(kept) };
    const arrived = await this.#ports.hasArrived(kept);
    return arrived ? { at: "done", answer: null } : { at: "taken back" };
  }

  #refuse(kept: KeptOutcome, error: unknown): void {
    if (kept.state.at === "taking back") this.#settle(kept, { at: "taken back" });
    else if (kept.state.at === "sending") this.#settle(kept, { at: "refused", error, kept: false });
    else {
      this.#become(kept, { at: "refused", message: messageOf(error) });
      this.#tell(kept, { at: "refused", error, kept: true });
    }
  }

  #settle(kept: KeptOutcome, settlement: Settlement): void {
    this.#forget(kept.id);
    this.#tell(kept, settlement);
  }

  #tell(kept: KeptOutcome, settlement: Settlement): void {
    this.#callers.get(kept.id)?.(settlement);
    this.#callers.delete(kept.id);
    for (const listener of this.#settled) listener(kept, settlement);
  }

  #find(id: Id): KeptOutcome | undefined {
    return this.#kept.find((kept) => kept.id === id);
  }

  #become(kept: KeptOutcome, state: OutcomeState): void {
    const changed = { ...kept, state };
    this.#set(this.#kept.map((each) => (each.id === kept.id ? changed : each)));
    this.#store(changed);
  }

  #set(kept: readonly KeptOutcome[]): void {
    this.#kept = kept;
    for (const listener of this.#listeners) listener();
  }

  #forget(id: Id): void {
    const kept = this.#find(id);
    if (kept !== undefined) this.#ports.storage.removeItem(keyOf(kept));
    this.#set(this.#kept.filter((each) => each.id !== id));
  }

  #store(kept: KeptOutcome): void {
    try {
      this.#ports.storage.setItem(keyOf(kept), JSON.stringify(kept));
      this.#unstored.delete(kept.id);
    } catch {
      this.#unstored.add(kept.id); // full or forbidden
    }
  }

  #stored(): readonly KeptOutcome[] {
    const { storage } = this.#ports;
    const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
    const own = keys.filter((key) => key.startsWith(`${PREFIX}${this.#person ?? ""}:`));
    const found = own.flatMap((key) => parsed(storage.getItem(key)));
    return found.toSorted((a, b) => a.since - b.since);
  }

  #sleep(id: Id, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(id);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#sleepers.set(id, wake);
    });
  }
}

/** A new press about the same task answers whether the one that was taken back had arrived. */
function isReplaced({ outcome, state }: KeptOutcome, press: Press): boolean {
  if (state.at !== "taking back" || !("task" in outcome) || !("task" in press.outcome)) return false;
  return outcome.task.id === press.outcome.task.id;
}

function keyOf({ person, id }: KeptOutcome): string {
  return `${PREFIX}${person}:${id}`;
}

function parsed(text: string | null): readonly KeptOutcome[] {
  try {
    return text === null ? [] : [JSON.parse(text) as KeptOutcome];
  } catch {
    return [];
  }
}
