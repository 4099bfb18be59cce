import { eventsUrl, warmFrame } from "@/api/annotation";
import { messageOf } from "@/api/problem";
import type { Changes, Id } from "@/api/types";
import { ActivityRecorder } from "@/timing/activityRecorder";
import { showFailure, showToast } from "@/ui/toasts";
import { followEvents } from "../sync/eventStream";
import { Outbox, type Unsaved } from "../sync/outbox";
import { activeRuns, basisOf, mergeChanges } from "../sync/replica";
import { runNotices } from "../sync/runNotices";
import { WriteSender } from "../sync/sendWrite";
import { Shelf } from "../sync/shelf";
import { voidedWords } from "../sync/verdicts";
import { asksModel, type ObjectKey, type Write } from "../sync/writes";
import { Actions } from "./actions";
import { mayEdit } from "./barrier";
import { rememberedFrame, rememberFrame } from "./lastFrame";
import { LeaseKeeper } from "./leaseKeeper";
import { heldTask, taskFrame } from "./leaseState";
import { type PhaseBook, phaseOf, toolAfter } from "./phaseBook";
import { Player } from "./player";
import { frameStateOf, nextNumber, renumbered, taskObject } from "./selectors";
import { createWorkspaceStore, type VideoFacts, type WorkspaceState, type WorkspaceStore } from "./store";
import { ViewActions } from "./viewActions";

/** Time on a frame before the server is asked to encode it. */
const REST_MILLISECONDS = 150;

/** Videos that were left while edits waited: those are still being sent. Each value stops that. */
const lingering = new Map<Id, () => Promise<void>>();

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
  readonly #shelf: Shelf;
  readonly #drained = new AbortController();
  readonly #ended = new AbortController();
  #restTimer = 0;
  #taskBegun: Id | null = null;
  #awaitsRuns = false; // a propagation that was started here has not ended
  #cancelGesture: () => boolean = () => false;

  constructor(video: VideoFacts, proxyUrl: string, phases: PhaseBook, personId: Id) {
    this.store = createWorkspaceStore(video, phases, rememberedFrame(video));
    this.store.setState({ shelf: "unread" });
    this.#shelf = new Shelf(personId, video.id, (kept) =>
      this.store.setState({ shelf: kept ? "kept" : "no-room" }),
    );
    this.activity = new ActivityRecorder(video.id, phases.own);
    this.#sender = new WriteSender(this.store);
    this.outbox = new Outbox({
      prepare: (pending) => this.#sender.prepare(pending),
      send: (pending) => this.#sendAndWait(pending.write, () => this.#sender.send(pending)),
      basisNow: (write) => this.#basisNow(write),
      onChange: (unsaved, holdup) => {
        this.#shelf.keep(unsaved);
        this.store.setState({ ...unsaved, holdup });
        this.#forgetDrafts(createdIn(unsaved));
        if (this.#ended.signal.aborted && unsaved.queue.length === 0) void this.#leave();
      },
      onAdopted: (draft, id) => this.#adopt(draft, id),
      onStepped: (frames) => this.#showStep(frames),
      onRefused: () => void this.lease.refresh(), // the task may have been handed on
    });
    this.outbox.pause();
    this.player = new Player(this.store, proxyUrl);
    this.actions = new Actions(this);
    this.view = new ViewActions(this.store);
    this.lease = new LeaseKeeper(this.store);
    this.store.subscribe((state, before) => {
      if (state.frameIndex !== before.frameIndex) this.#onFrame(state.frameIndex, state.playRate);
      if (state.selected !== before.selected) this.#onSelected(state);
      const tool = toolAfter(state, before);
      if (tool !== state.tool) this.store.setState({ tool });
      if (state.tool !== before.tool) this.activity.attend({ tool: state.tool });
      if (state.replica !== before.replica) this.#onReplica(before);
      for (const notice of runNotices(state.replica, before.replica)) showFailure(notice);
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
    void this.#takeUp().then(() => this.#load());
    const { signal } = this.#drained;
    window.addEventListener("online", () => this.outbox.retryNow(), { signal });
    window.addEventListener("beforeunload", (event) => this.#holdBack(event), { signal });
    this.#rest(this.store.getState().frameIndex);
  }

  close(): void {
    this.#ended.abort();
    window.clearTimeout(this.#restTimer);
    this.player.close();
    this.lease.close();
    this.activity.stop();
    if (this.outbox.queue.length === 0 || !this.store.getState().loaded) void this.#leave();
    else lingering.set(this.store.getState().video.id, () => this.#leave());
  }

  /** What waits now is for the next page that opens the video. */
  async #leave(): Promise<void> {
    this.#drained.abort();
    this.outbox.close();
    lingering.delete(this.store.getState().video.id);
    await this.#shelf.close();
  }

  /** Takes up the edits that earlier pages have left, and shows them before anything is loaded. */
  async #takeUp(): Promise<void> {
    await lingering.get(this.store.getState().video.id)?.();
    const left = await this.#shelf.takeOver();
    for (const key of createdIn(left)) {
      this.store.setState((state) => ({ drafts: [...state.drafts, { key, number: nextNumber(state) }] }));
    }
    this.store.setState({ shelf: "kept" });
    if (left.queue.length + left.refusedEdits.length > 0) this.outbox.restore(left);
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
    this.store.setState((state) => ({ loaded: true, loadFailure: null, drafts: renumbered(state) }));
    this.outbox.resume();
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

  #onReplica(before?: WorkspaceState): void {
    if (before?.loaded) for (const words of voidedWords(before, this.store.getState())) showToast(words);
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

  /** Sends refused edits again, over whatever is there now. */
  tryAgain(ids: readonly Id[]): void {
    this.outbox.tryAgain(ids);
  }

  /** Lets refused edits go, and with them the objects that could not be created. */
  dismissRefused(ids: readonly Id[]): void {
    this.outbox.dismiss(ids);
  }

  /** Objects whose creation was refused, and let go, are no longer listed. */
  #forgetDrafts(creating: readonly ObjectKey[]): void {
    const { drafts, selected } = this.store.getState();
    const left = drafts.filter(({ key }) => creating.includes(key));
    if (left.length === drafts.length) return;
    const isGone = drafts.some(({ key }) => key === selected && !creating.includes(key));
    this.store.setState({ drafts: left, ...(isGone ? { selected: null } : {}) });
  }

  #basisNow(write: Write): string {
    if (!("frameIndex" in write)) return "";
    return basisOf(frameStateOf(this.store.getState(), write.object, write.frameIndex));
  }

  /** An object of another phase has other tools, and its time counts towards its own phase. */
  #onSelected(state: WorkspaceState): void {
    this.activity.attend({ phase: phaseOf(state, state.selected) });
  }

  /** A task about one object starts with it selected, on the frame that wants a look. */
  #onTask(state: WorkspaceState): void {
    const [task, object] = [heldTask(state.lease), taskObject(state)];
    if (!state.loaded || task === null || object === null || task.id === this.#taskBegun) return;
    this.#taskBegun = task.id;
    this.actions.select(object);
    const frame = taskFrame(task.frame_index, state.replica.lanes.get(object) ?? new Map(), state.frameIndex);
    if (frame !== null) this.player.seek(frame);
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
    const { queue, refusedEdits, shelf } = this.store.getState();
    const lost = shelf === "no-room" && refusedEdits.length > 0;
    if (queue.length > 0 || lost) event.preventDefault();
  }
}

/** Objects that are still to be created. */
function createdIn({ queue, refusedEdits }: Unsaved): readonly ObjectKey[] {
  return [...refusedEdits, ...queue].flatMap(({ write }) => (write.kind === "create" ? [write.object] : []));
}
