import { messageOf, RequestFailed } from "@/api/problem";
import {
  claimTask,
  contestVerdict,
  fetchVideoLease,
  handBackTask,
  rejectVideo,
  renewLease,
  submitTask,
} from "@/api/tasks";
import type { ClaimedTask, Id } from "@/api/types";
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

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  start(): void {
    void this.refresh();
  }

  close(): void {
    this.#closed = true;
    window.clearTimeout(this.#timer);
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
    await this.#tell(async () => {
      this.#hold(await claimTask(taskId), true);
    });
  }

  /** Resolves to whether it succeeded; a failure is shown. */
  async submit(): Promise<boolean> {
    return this.#end((claimed) => submitTask(claimed.task));
  }

  async handBack(reason: string | null): Promise<boolean> {
    return this.#end((claimed) => handBackTask(claimed.task, reason));
  }

  async contest(reason: string): Promise<boolean> {
    return this.#end((claimed) => contestVerdict(claimed.task, reason));
  }

  /** Takes another of one's tasks here in hand. */
  take(taskId: Id): void {
    this.#store.setState(({ lease }) => ({ lease: leaseInHand(lease, taskId) }));
  }

  async reject(reason: string): Promise<boolean> {
    return this.#end((claimed) => rejectVideo(claimed.task, reason));
  }

  async #end(finish: (claimed: ClaimedTask) => Promise<unknown>): Promise<boolean> {
    const { lease } = this.#store.getState();
    if (lease.at !== "held") return false;
    return this.#tell(async () => {
      await finish(lease.claimed);
      this.#store.setState({ lease: LEASE_UNKNOWN });
    });
  }

  async #tell(work: () => Promise<void>): Promise<boolean> {
    let done = true;
    try {
      await work();
    } catch (error) {
      done = false;
      showFailure(messageOf(error));
    }
    await this.refresh();
    return done;
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
