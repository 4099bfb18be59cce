import { messageOf, RequestFailed } from "@/api/problem";
import { claimTask, fetchVideoLease, handBackTask, rejectVideo, renewLease, submitTask } from "@/api/tasks";
import type { ClaimedTask, Id } from "@/api/types";
import { showFailure } from "@/ui/toasts";
import { LEASE_UNKNOWN, leaseAfter } from "./leaseState";
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
      this.#hold(await claimTask(taskId));
    });
  }

  /** Resolves to whether it succeeded; a failure is shown. */
  async submit(): Promise<boolean> {
    return this.#end((claimed) => submitTask(claimed.task));
  }

  async handBack(reason: string | null): Promise<boolean> {
    return this.#end((claimed) => handBackTask(claimed.task, reason));
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

  #hold(claimed: ClaimedTask): void {
    this.#store.setState({ lease: { at: "held", claimed } });
  }

  #next(): void {
    window.clearTimeout(this.#timer);
    if (this.#closed) return;
    const { lease } = this.#store.getState();
    const held = lease.at === "held" ? lease.claimed : null;
    const pause = held === null ? LOOK_MILLISECONDS : 1000 * held.renew_seconds;
    this.#timer = window.setTimeout(() => void (held === null ? this.refresh() : this.#renew(held)), pause);
  }

  async #renew(held: ClaimedTask): Promise<void> {
    try {
      this.#hold(await renewLease(held.task));
    } catch (error) {
      if (error instanceof RequestFailed && error.slug === "lease-lost") return this.refresh();
    }
    this.#next();
  }
}
