import { createStore, type StoreApi } from "zustand/vanilla";
import type { Holdup } from "@/api/holdup";
import type { Id, Ontology } from "@/api/types";
import type { OverlayMode } from "@/canvas/scene";
import type { Size } from "@/geometry/points";
import type { Viewport } from "@/geometry/viewport";
import type { FrameRange } from "@/video/frameRange";
import type { VideoFailure } from "@/video/protocol";
import { type NO_CLASS, NO_ONTOLOGY } from "../classes/ontologyLookup";
import type { RefusedEdit } from "../sync/refusedEdits";
import { EMPTY_REPLICA, type Replica } from "../sync/replica";
import type { ObjectKey, PendingWrite } from "../sync/writes";
import type { ToolId } from "../tools/registry";
import { LEASE_UNKNOWN, type LeaseState } from "./leaseState";
import type { PhaseBook } from "./phaseBook";

/** The immutable facts of the open video. */
export interface VideoFacts {
  readonly id: Id;
  readonly width: number;
  readonly height: number;
  readonly numFrames: number;
  readonly framesPerSecond: number;
  /** Annotated frames are every `stride`th. */
  readonly stride: number;
}

/** A new object to which the server has not given an id yet. */
export interface Draft {
  readonly key: ObjectKey;
  readonly number: number;
}

export interface WorkspaceState {
  readonly video: VideoFacts;
  /** Tools, keys and panels follow these. */
  readonly phases: PhaseBook;
  /** Classes and attributes of the project; empty until they are loaded. */
  readonly ontology: Ontology;
  /** The class that new objects get. */
  readonly classInHand: Id | null;
  /** Only objects of this class and its kinds are shown, or only those without one. */
  readonly classFilter: Id | typeof NO_CLASS | null;
  readonly colorBy: "object" | "class";
  /** The video is no longer there for this person. */
  readonly gone: boolean;

  /** The frame the person is on; the stage shows it as soon as it is decoded. */
  readonly frameIndex: number;
  /** The frame whose picture and masks are on the stage. */
  readonly shownFrame: number | null;
  readonly playRate: number;
  readonly loop: { readonly first: number; readonly last: number } | null;
  /** Frames marked on the timeline, for what is done to several at once. */
  readonly range: FrameRange | null;
  readonly loopMarks: { readonly first: number | null; readonly last: number | null };
  readonly decodedBy: "webcodecs" | null;
  readonly videoFailure: VideoFailure | null;

  readonly selected: ObjectKey | null;
  readonly hidden: ReadonlySet<ObjectKey>;
  /** Automatic masklets that were rejected are listed too. */
  readonly showsRejected: boolean;
  readonly drafts: readonly Draft[];
  readonly tool: ToolId;
  readonly brushRadius: number;
  readonly overlay: { readonly mode: OverlayMode; readonly opacity: number };
  readonly peeking: boolean;
  readonly panning: boolean;
  /** null until the stage knows its size; then always set. */
  readonly view: Viewport | null;
  readonly stageSize: Size;

  readonly replica: Replica;
  readonly loaded: boolean;
  readonly loadFailure: string | null;
  readonly queue: readonly PendingWrite[];
  /** Why the queue is blocked, if it is. */
  readonly holdup: Holdup | null;
  /** Edits that were refused for good, until the person has seen why. */
  readonly refusedEdits: readonly RefusedEdit[];
  /** Whether what earlier pages left was read, and whether the browser can keep what this one leaves. */
  readonly shelf: "unread" | "kept" | "no-room";
  readonly stream: "connecting" | "live" | "lost";
  /** Incremented by the save key, which makes the saved chip pulse. */
  readonly savePulse: number;

  /** The task this window works on, if any. */
  readonly lease: LeaseState;

  readonly sheetOpen: boolean;
}

export type WorkspaceStore = StoreApi<WorkspaceState>;

export function createWorkspaceStore(video: VideoFacts, phases: PhaseBook, frameIndex = 0): WorkspaceStore {
  return createStore<WorkspaceState>(() => ({
    video,
    phases,
    ontology: NO_ONTOLOGY,
    classInHand: null,
    classFilter: null,
    colorBy: "object",
    gone: false,
    frameIndex,
    shownFrame: null,
    playRate: 0,
    loop: null,
    range: null,
    loopMarks: { first: null, last: null },
    decodedBy: null,
    videoFailure: null,
    selected: null,
    hidden: new Set(),
    showsRejected: false,
    drafts: [],
    tool: phases.rules.size > 0 ? "point" : "select",
    brushRadius: 12,
    overlay: { mode: "both", opacity: 0.45 },
    peeking: false,
    panning: false,
    view: null,
    stageSize: { width: 0, height: 0 },
    replica: EMPTY_REPLICA,
    loaded: false,
    loadFailure: null,
    queue: [],
    holdup: null,
    refusedEdits: [],
    shelf: "kept",
    stream: "connecting",
    savePulse: 0,
    lease: LEASE_UNKNOWN,
    sheetOpen: false,
  }));
}
