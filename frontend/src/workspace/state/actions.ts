import { newActionId } from "@/api/client";
import type { Click, Direction, PromptSet } from "@/api/types";
import { shapeOf } from "@/canvas/maskShape";
import { isInsideVideo, type VideoBox, type VideoPoint } from "@/geometry/points";
import { stroke } from "@/masks/brush";
import { encodeCounts } from "@/masks/rle";
import { contains, NO_RUNS, type Runs, sameRuns, subtract, union } from "@/masks/runs";
import type { ActivityRecorder } from "@/timing/activityRecorder";
import { showToast } from "@/ui/toasts";
import { shownObjects } from "../classes/shownObjects";
import type { Outbox } from "../sync/outbox";
import { asksNothing, MAX_CLICKS } from "../sync/prompts";
import { startRun, stopRuns } from "../sync/propagation";
import { basisOf } from "../sync/replica";
import { takeStep, tellOfDeletion, tellOfPainting, unlock } from "../sync/steps";
import type { BrushKind, ObjectKey } from "../sync/writes";
import type { Gesture } from "../tools/tool";
import { toolOf } from "../tools/tools";
import { mayEdit } from "./barrier";
import { isLocked, rangeInHand, wouldLock } from "./locks";
import { allows, allowsFor } from "./phaseBook";
import type { Player } from "./player";
import {
  candidateOf,
  frameOnStage,
  frameStateOf,
  isTracked,
  listedObjects,
  maskWords,
  NUM_CANDIDATES,
  nextNumber,
  promptsOf,
  shownShape,
  taskObject,
} from "./selectors";
import type { WorkspaceStore } from "./store";

/** The parts of an open workspace that actions need. */
export interface WorkspaceParts {
  readonly store: WorkspaceStore;
  readonly outbox: Outbox;
  readonly player: Player;
  readonly activity: ActivityRecorder;
}

/** Everything a person can do to the annotation; shown at once and queued for the server. */
export class Actions {
  readonly #parts: WorkspaceParts;

  constructor(parts: WorkspaceParts) {
    this.#parts = parts;
  }

  perform(gesture: Gesture): void {
    this.#parts.player.pause();
    switch (gesture.kind) {
      case "click":
        if (allows(this.#state, "point")) this.#click(gesture.at, gesture.positive);
        break;
      case "box":
        if (allows(this.#state, "box")) this.#box(gesture.box);
        break;
      case "stroke":
        if (allows(this.#state, gesture.erases ? "eraser" : "brush"))
          this.#stroke(gesture.points, gesture.erases);
        break;
      case "select":
        this.select(this.objectAt(gesture.at));
        break;
      default:
        gesture satisfies never;
    }
  }

  /** Selects an object; null selects the object of a task that is about one. */
  select(object: ObjectKey | null): void {
    const selected = object ?? taskObject(this.#state);
    this.#parts.store.setState({ selected });
    this.#parts.activity.attend({ maskletId: selected });
  }

  /** The topmost visible object under a point: the selected one, else the smallest. */
  objectAt(at: VideoPoint): ObjectKey | null {
    const state = this.#state;
    const under = shownObjects(state).flatMap(({ key }) => {
      const shape = shownShape(state, key, frameOnStage(state));
      const hit = shape !== null && !state.hidden.has(key) && contains(shape.runs, at.x, at.y, state.video);
      return hit ? [{ key, size: shape.runs.length }] : [];
    });
    return under.sort((a, b) => a.size - b.size)[0]?.key ?? null;
  }

  /** Clears the selection, so that the next click, box or stroke begins a new object. */
  newObject(): void {
    if (!mayEdit(this.#state)) return;
    this.select(null);
    const { tool, selected } = this.#state;
    if (selected !== null) showToast("Your task is about this object only");
    if (!toolOf(tool).beginsObjects) this.#parts.store.setState({ tool: "point" });
  }

  removeLastPoint(): void {
    const { selected } = this.#state;
    const frameIndex = this.#frame;
    if (selected === null) return;
    const prompts = promptsOf(this.#state, selected, frameIndex);
    const { clicks, box } = prompts;
    if (clicks.length > 0) this.#prompt(selected, { ...prompts, clicks: clicks.slice(0, -1) });
    else if (box !== null) this.#prompt(selected, { ...prompts, box: null });
  }

  /** Shows another candidate for the one click on this frame; does nothing where there is no choice. */
  cycleCandidate(steps: 1 | -1): void {
    const { selected } = this.#state;
    const shown = selected === null ? null : candidateOf(this.#state, selected, this.#frame);
    if (shown !== null) this.chooseCandidate((shown + steps + NUM_CANDIDATES) % NUM_CANDIDATES);
  }

  chooseCandidate(candidate: number): void {
    const { selected } = this.#state;
    const shown = selected === null ? null : candidateOf(this.#state, selected, this.#frame);
    if (selected === null || shown === null || shown === candidate) return;
    this.#prompt(selected, { ...promptsOf(this.#state, selected, this.#frame), candidate });
  }

  /** Deletes prompts and mask of the selected object on this frame. */
  clearFrame(): void {
    const { selected } = this.#state;
    const frameIndex = this.#frame;
    if (selected === null || frameStateOf(this.#state, selected, frameIndex) === undefined) return;
    if (!mayEdit(this.#state, selected) || this.#refuses(selected)) return;
    this.#edit("clear");
    this.#parts.outbox.add({ kind: "clear", object: selected, frameIndex }, this.#basis(selected));
  }

  /** Locks the marked range or this frame of the selected object; unlocks it where all of it is locked. */
  toggleLock(): void {
    const { selected } = this.#state;
    if (selected === null || !mayEdit(this.#state, selected)) return;
    const { first, last } = rangeInHand(this.#state);
    const locked = wouldLock(this.#state, selected);
    this.#edit(locked ? "lock" : "unlock", { first, last });
    this.#parts.store.setState({ range: null });
    this.#parts.outbox.add({ kind: "lock", object: selected, first, last, locked });
  }

  markAbsent(): void {
    const { selected } = this.#state;
    if (selected !== null && mayEdit(this.#state, selected)) this.#putMask(selected, NO_RUNS, "absent");
  }

  rename(object: ObjectKey, name: string): void {
    const trimmed = name.trim();
    if (trimmed !== "" && mayEdit(this.#state, object))
      this.#parts.outbox.add({ kind: "rename", object, name: trimmed });
  }

  deleteObject(object: ObjectKey): void {
    if (!mayEdit(this.#state, object)) return;
    this.#edit("delete");
    const name = listedObjects(this.#state).find(({ key }) => key === object)?.name ?? "The object";
    const step = this.#parts.outbox.add({ kind: "delete", object });
    if (this.#state.selected === object) this.select(null);
    tellOfDeletion(this.#parts, { object, name, step });
  }

  /** Carries the selected object, or all of them when none is selected, through the video. */
  propagate(direction: Direction): void {
    startRun(this.#parts, direction);
  }

  /** Stops what is running; true when there was something to stop. */
  stopRuns(): boolean {
    return stopRuns(this.#parts);
  }

  step(kind: "undo" | "redo"): void {
    if (mayEdit(this.#state)) takeStep(this.#parts, kind);
  }

  get #state() {
    return this.#parts.store.getState();
  }

  get #frame(): number {
    return frameOnStage(this.#state);
  }

  #click(at: VideoPoint, positive: boolean): void {
    if (!isInsideVideo(at, this.#state.video)) return;
    // A negative point needs an object.
    if (!positive && this.#state.selected === null) return;
    const object = this.#state.selected ?? this.#begin();
    const prompts = promptsOf(this.#state, object, this.#frame);
    const click: Click = {
      x: Math.floor(at.x),
      y: Math.floor(at.y),
      label: positive ? "positive" : "negative",
    };
    // A candidate that was chosen stays: further clicks refine it.
    this.#prompt(object, { ...prompts, clicks: [...prompts.clicks, click] });
  }

  #box(box: VideoBox): void {
    const { video } = this.#state;
    const inside = {
      x0: Math.max(Math.round(box.x0), 0),
      y0: Math.max(Math.round(box.y0), 0),
      x1: Math.min(Math.round(box.x1), video.width),
      y1: Math.min(Math.round(box.y1), video.height),
    };
    if (inside.x1 - inside.x0 < 2 || inside.y1 - inside.y0 < 2) return;
    const object = this.#state.selected ?? this.#begin();
    this.#prompt(object, { ...promptsOf(this.#state, object, this.#frame), box: inside, candidate: null });
  }

  #stroke(points: readonly VideoPoint[], erases: boolean): void {
    const { video, brushRadius, selected } = this.#state;
    if (erases && selected === null) return;
    if (selected !== null && this.#refuses(selected)) return;
    const painted = stroke(points, brushRadius, video);
    if (painted.length === 0) return;
    const object = selected ?? this.#begin();
    const before = this.#canvasOf(object);
    const after = erases ? subtract(before, painted) : union(before, painted);
    if (sameRuns(before, after)) return;
    this.#putMask(object, after, erases ? "eraser" : "brush");
  }

  /** The mask a stroke changes. In a phase without refinement a propagated mask is replaced from scratch. */
  #canvasOf(object: ObjectKey): Runs {
    const shown = shownShape(this.#state, object, this.#frame)?.runs ?? NO_RUNS;
    if (allowsFor(this.#state, object, "refine")) return shown;
    return isTracked(this.#state, object, this.#frame) ? NO_RUNS : shown;
  }

  #putMask(object: ObjectKey, runs: Runs, tool: BrushKind): void {
    if (this.#refuses(object)) return;
    const { video } = this.#state;
    const frameIndex = this.#frame;
    const mask = {
      size: [video.height, video.width] as const,
      counts: encodeCounts(runs, video.width * video.height),
    };
    this.#edit(tool);
    this.#parts.outbox.add(
      { kind: "mask", object, frameIndex, mask, tool, shape: shapeOf(runs, video.height) },
      this.#basis(object),
    );
  }

  #prompt(object: ObjectKey, prompts: PromptSet): void {
    if (this.#refuses(object)) return;
    const frameIndex = this.#frame;
    const { clicks, candidate } = prompts;
    if (clicks.length > MAX_CLICKS) {
      showToast(`A frame takes at most ${MAX_CLICKS} points. Draw the rest with the brush.`);
      return;
    }
    this.#edit(prompts.box === null ? "click" : "box", { clicks: clicks.length, candidate });
    if (asksNothing(prompts))
      this.#parts.outbox.add({ kind: "clear", object, frameIndex }, this.#basis(object));
    else {
      const painted = maskWords(this.#state, object, frameIndex) === "edited";
      const write = { kind: "prompts", object, frameIndex, prompts } as const;
      const step = this.#parts.outbox.add(write, this.#basis(object));
      if (painted) tellOfPainting(this.#parts, { object, frame: frameIndex, step });
    }
  }

  /** Begins a new object; it is a draft until the server has given it an id. */
  #begin(): ObjectKey {
    const key = `draft-${newActionId()}`;
    const number = nextNumber(this.#state);
    this.#parts.store.setState(({ drafts }) => ({ drafts: [...drafts, { key, number }], selected: key }));
    const { classInHand: classId } = this.#state;
    this.#parts.outbox.add({ kind: "create", object: key, name: null, classId });
    return key;
  }

  /** A locked frame is not edited; the person learns why nothing happens. */
  #refuses(object: ObjectKey): boolean {
    if (!isLocked(this.#state, object, this.#frame)) return false;
    const name = listedObjects(this.#state).find(({ key }) => key === object)?.name ?? "The object";
    const frame = this.#frame;
    const run = () => unlock(this.#parts, object, frame);
    showToast(`${name} is locked on frame ${frame}`, { label: "Unlock", run });
    return true;
  }

  #basis(object: ObjectKey): string {
    return basisOf(frameStateOf(this.#state, object, this.#frame));
  }

  #edit(what: string, payload: Record<string, unknown> = {}): void {
    this.#parts.activity.note("edit", { what, ...payload });
  }
}
