import { eventsUrl, warmFrame } from "@/api/annotation";
import { messageOf } from "@/api/problem";
import type { Changes, Id } from "@/api/types";
import { ActivityRecorder } from "@/timing/activityRecorder";
import { showFailure } from "@/ui/toasts";
import { followEvents } from "../sync/eventStream";
import { Outbox } from "../sync/outbox";
import { activeRuns, mergeChanges } from "../sync/replica";
import { WriteSender } from "../sync/sendWrite";
import { asksModel, type ObjectKey, type Write } from "../sync/writes";
import { Actions } from "./actions";
import { LeaseKeeper } from "./leaseKeeper";
import { heldTask } from "./leaseState";
import { mayEdit, mayTake, type PhaseBook, phaseOf } from "./phaseBook";
import { Player } from "./player";
import { taskObject } from "./selectors";
import { createWorkspaceStore, type VideoFacts, type WorkspaceState, type WorkspaceStore } from "./store";
import { ViewActions } from "./viewActions";

/** Time on a frame before the server is asked to encode it. */
const REST_MILLISECONDS = 150;

/** One open video: its store, its connections and its actions. Must be closed. */
export class WorkspaceSession {
  readonly store: WorkspaceStore;
  readonly player: Player;
  readonly actions: Actions;
  readonly view: ViewActions;
  readonly activity: ActivityRecorder;
  readonly outbox: Outbox;
  readonly lease: LeaseKeeper;
  readonly #sender: WriteSender;
  readonly #ended = new AbortController();
  #restTimer = 0;
  #taskBegun: Id | null = null;
  #awaitsRuns = false; // a propagation that was started here has not ended
  #cancelGesture: () => boolean = () => false;

  constructor(video: VideoFacts, proxyUrl: string, phases: PhaseBook) {
    this.store = createWorkspaceStore(video, phases, rememberedFrame(video));
    this.activity = new ActivityRecorder(video.id, phases.own);
    this.#sender = new WriteSender(this.store);
    this.outbox = new Outbox({
      send: (pending) => this.#sendAndWait(pending.write, () => this.#sender.send(pending)),
      onChange: (queue, holdup) => this.store.setState({ queue, holdup }),
      onAdopted: (draft, id) => this.#adopt(draft, id),
      onStepped: (frames) => this.#showStep(frames),
      onRefused: (write, message) => this.#refused(write, message),
    });
    this.player = new Player(this.store, proxyUrl);
    this.actions = new Actions(this);
    this.view = new ViewActions(this.store);
    this.lease = new LeaseKeeper(this.store);
    this.store.subscribe((state, before) => {
      if (state.frameIndex !== before.frameIndex) this.#onFrame(state.frameIndex, state.playRate);
      if (state.selected !== before.selected) this.#onSelected(state);
      if (state.tool !== before.tool) this.activity.attend({ tool: state.tool });
      if (state.replica !== before.replica) this.#onReplica();
      if (state.lease !== before.lease || state.loaded !== before.loaded) this.#onTask(state);
      if (state.playRate !== before.playRate) this.activity.note("play", { rate: state.playRate });
    });
  }

  /** Registers how a gesture in progress is abandoned; returns a function that unregisters it. */
  onCancel(cancel: () => boolean): () => void {
    this.#cancelGesture = cancel;
    return () => {
      this.#cancelGesture = () => false;
    };
  }

  /** Escape, innermost first: the gesture, then what runs, then the marked range, then the selection. */
  escape(): void {
    if (this.#cancelGesture()) return;
    if (this.store.getState().playRate !== 0) this.player.pause();
    else if (this.actions.stopRuns()) return;
    else if (this.store.getState().range !== null) this.store.setState({ range: null });
    else this.actions.select(null);
  }

  /** Selects the object `steps` rows further down the list; false when there is none. */
  selectBy(steps: number): boolean {
    const neighbour = this.view.neighbour(steps);
    if (neighbour !== null) this.actions.select(neighbour);
    return neighbour !== null;
  }

  start(): void {
    this.activity.attend({ tool: this.store.getState().tool, frameIndex: this.store.getState().frameIndex });
    this.activity.start();
    this.lease.start();
    void this.#load();
    window.addEventListener("online", () => this.outbox.retryNow(), { signal: this.#ended.signal });
    window.addEventListener("beforeunload", (event) => this.#holdBack(event), { signal: this.#ended.signal });
    this.#rest(this.store.getState().frameIndex);
  }

  close(): void {
    this.#ended.abort();
    window.clearTimeout(this.#restTimer);
    this.player.close();
    this.outbox.close();
    this.lease.close();
    this.activity.stop();
  }

  /** Loads everything known of the video, then follows what changes. */
  async #load(): Promise<void> {
    const { signal } = this.#ended;
    try {
      await this.#sender.refetch(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.store.setState({ loadFailure: messageOf(error) });
      window.setTimeout(() => !signal.aborted && void this.#load(), 2000);
      return;
    }
    this.store.setState({ loaded: true, loadFailure: null });
    await followEvents(
      {
        target: () => {
          const { video, replica } = this.store.getState();
          return { url: eventsUrl(video.id, replica.seq), lastEventId: String(replica.seq) };
        },
        onEvent: (event) => {
          if (event.event === "changes") this.#take(JSON.parse(event.data) as Changes);
        },
        onState: (stream) => {
          this.store.setState({ stream });
          if (stream === "live") this.outbox.retryNow();
        },
      },
      signal,
    );
  }

  #take(changes: Changes): void {
    this.store.setState(({ replica }) => ({ replica: mergeChanges(replica, changes) }));
  }

  /** Time spent waiting for the model is kept apart, so the log says when a mask or a propagation was outstanding. */
  async #sendAndWait<T>(write: Write, send: () => Promise<T>): Promise<T> {
    if (!asksModel(write)) return send();
    this.activity.waitFor(true);
    try {
      const outcome = await send();
      if (write.kind === "run") this.#awaitRuns();
      return outcome;
    } finally {
      this.activity.waitFor(false);
    }
  }

  #awaitRuns(): void {
    if (this.#awaitsRuns) return;
    this.#awaitsRuns = true;
    this.activity.waitFor(true);
    this.#onReplica();
  }

  #onReplica(): void {
    if (!this.#awaitsRuns || activeRuns(this.store.getState().replica).length > 0) return;
    this.#awaitsRuns = false;
    this.activity.waitFor(false);
  }

  #adopt(draft: ObjectKey, id: Id): void {
    this.store.setState(({ drafts, selected, hidden }) => ({
      drafts: drafts.filter(({ key }) => key !== draft),
      selected: selected === draft ? id : selected,
      hidden: hidden.has(draft) ? new Set([...hidden].map((key) => (key === draft ? id : key))) : hidden,
    }));
    this.activity.attend({ maskletId: this.store.getState().selected });
  }

  /** Seeks to the nearest frame an undo or redo has changed. */
  #showStep(frames: readonly number[]): void {
    const here = this.store.getState().frameIndex;
    const nearest = frames.toSorted((a, b) => Math.abs(a - here) - Math.abs(b - here))[0];
    if (nearest !== undefined && nearest !== here) this.player.seek(nearest);
  }

  #refused(write: Write, message: string): void {
    if (write.kind === "create") {
      this.store.setState(({ drafts, selected }) => ({
        drafts: drafts.filter(({ key }) => key !== write.object),
        selected: selected === write.object ? null : selected,
      }));
    }
    showFailure(message);
    void this.lease.refresh(); // the task may have been handed on
  }

  /** An object of another phase has other tools, and its time counts towards its own phase. */
  #onSelected(state: WorkspaceState): void {
    this.activity.attend({ phase: phaseOf(state, state.selected) });
    if (!mayTake(state, state.tool)) this.store.setState({ tool: "select" });
  }

  /** A task about one object starts with it selected, on its first known frame. */
  #onTask(state: WorkspaceState): void {
    const [task, object] = [heldTask(state.lease), taskObject(state)];
    if (!state.loaded || task === null || object === null || task.id === this.#taskBegun) return;
    this.#taskBegun = task.id;
    this.actions.select(object);
    const frames = [...(state.replica.lanes.get(object)?.keys() ?? [])];
    if (frames.length > 0 && !frames.includes(state.frameIndex)) this.player.seek(Math.min(...frames));
  }

  #onFrame(frameIndex: number, playRate: number): void {
    this.activity.attend({ frameIndex });
    if (playRate === 0) {
      this.activity.note("step");
      this.#rest(frameIndex);
    }
  }

  #rest(frameIndex: number): void {
    window.clearTimeout(this.#restTimer);
    this.#restTimer = window.setTimeout(() => {
      const { video } = this.store.getState();
      rememberFrame(video, frameIndex);
      if (!mayEdit(this.store.getState())) return;
      // Only a hint: a frame that is not encoded ahead is encoded on the first click.
      warmFrame(video.id, frameIndex, this.#ended.signal).catch(() => undefined);
    }, REST_MILLISECONDS);
  }

  #holdBack(event: BeforeUnloadEvent): void {
    if (this.outbox.queue.length > 0) event.preventDefault();
  }
}

function rememberFrame(video: VideoFacts, frameIndex: number): void {
  try {
    window.sessionStorage.setItem(`maskloom-frame:${video.id}`, String(frameIndex));
  } catch {
    // Only a convenience.
  }
}

/** The frame shown before a reload. */
function rememberedFrame(video: VideoFacts): number {
  const frameIndex = Number(window.sessionStorage.getItem(`maskloom-frame:${video.id}`) ?? 0);
  return Number.isInteger(frameIndex) && frameIndex >= 0 && frameIndex < video.numFrames ? frameIndex : 0;
}
