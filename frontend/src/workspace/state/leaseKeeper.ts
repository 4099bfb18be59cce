import { messageOf, RequestFailed } from "@/api/problem";
import { claimTask, fetchVideoLease, renewLease } from "@/api/tasks";
import type { ClaimedTask, Id } from "@/api/types";
import type { KeptOutcome, Press } from "@/outcomes/outcome";
import { outcomes } from "@/outcomes/outcomes";
import { showFailure } from "@/ui/toasts";
import { LEASE_UNKNOWN, leaseAfter, leaseHolding, leaseInHand } from "./leaseState";
import type { WorkspaceStore } from "./store";

/** How often to check who holds the video while no task is held. */
const LOOK_MILLISECONDS = 15_000;

/** Holds the video's task while the page is open: renews its lease, and notices when it is gone. */
export class LeaseKeeper {
  readonly #store: WorkspaceStore;
  #timer = 0;
  #closed = false;
  #unfollow: readonly (() => void)[] = [];

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  start(): void {
    void this.refresh();
    this.#unfollow = [
      outcomes.onSettled((kept) => "task" in kept.outcome && void this.refresh()),
      this.#store.subscribe((state, before) => state.queue.length > before.queue.length && this.#goOn()),
    ];
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
    for (const unfollow of this.#unfollow) unfollow();
  }

  /** Asks who holds the video. A failed request changes nothing: the lease may still hold. */
  async refresh(): Promise<void> {
    try {
      const found = await fetchVideoLease(this.#store.getState().video.id);
      this.#store.setState(({ lease }) => ({ lease: leaseAfter(lease, found) }));
    } catch {
      // Asked again soon.
    }
    this.#next();
  }

  async claim(taskId: Id): Promise<void> {
    try {
      this.#hold(await claimTask(taskId), true);
    } catch (error) {
      showFailure(messageOf(error));
    }
    await this.refresh();
  }

  /** Takes another of one's tasks here in hand. */
  take(taskId: Id): void {
    this.#store.setState(({ lease }) => ({ lease: leaseInHand(lease, taskId) }));
  }

  /** Ends the task in hand. Resolves to whether that is done, however long it takes; a failure is shown. */
  async end(press: Press): Promise<boolean> {
    const settlement = await outcomes.press(press).settled;
    if (settlement.at === "refused" && !settlement.kept) showFailure(messageOf(settlement.error));
    if (settlement.at !== "done") return false;
    this.#store.setState({ lease: LEASE_UNKNOWN });
    return true;
  }

  /** Whoever goes on working does not want the end of the task that waits to be sent. */
  #goOn(): void {
    const { lease } = this.#store.getState();
    if (lease.at !== "held") return;
    for (const kept of outcomes.kept) if (ends(kept, lease.held)) outcomes.takeBack(kept.id);
  }

  #hold(claimed: ClaimedTask, take = false): void {
    this.#store.setState(({ lease }) => ({ lease: leaseHolding(lease, claimed, take) }));
  }

  #next(): void {
    window.clearTimeout(this.#timer);
    if (this.#closed) return;
    const { lease } = this.#store.getState();
    const held = lease.at === "held" ? lease.held : [];
    const [first] = held;
    const pause = first === undefined ? LOOK_MILLISECONDS : 1000 * first.renew_seconds;
    this.#timer = window.setTimeout(
      () => void (first === undefined ? this.refresh() : this.#renew(held)),
      pause,
    );
  }

  async #renew(held: readonly ClaimedTask[]): Promise<void> {
    for (const { task } of held) {
      try {
        this.#hold(await renewLease(task));
      } catch (error) {
        if (error instanceof RequestFailed && error.slug === "lease-lost") return this.refresh();
      }
    }
    this.#next();
  }
}

function ends({ outcome }: KeptOutcome, held: readonly ClaimedTask[]): boolean {
  return "task" in outcome && held.some(({ task }) => task.id === outcome.task.id);
}
