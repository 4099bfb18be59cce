import type { FrameState } from "@/api/types";
import type { FrameRange } from "@/video/frameRange";
import type { Lane } from "../sync/replica";

/** What is known of an object over a stretch of frames. Frames in no segment are unknown: never tracked. */
export type SegmentKind = "prompted" | "edited" | "propagated" | "absent" | "automatic" | "imported";

export interface Segment {
  readonly kind: SegmentKind;
  /** Propagated before the object's newest correction: to be propagated again. */
  readonly stale: boolean;
  readonly first: number;
  readonly last: number;
}

export interface LaneModel {
  readonly segments: readonly Segment[];
  /** Frames with point or box prompts. */
  readonly prompted: readonly number[];
  /** Frames drawn by hand. */
  readonly edited: readonly number[];
  /** Ranges of locked frames, at which propagation stops. */
  readonly locked: readonly FrameRange[];
  /** Mask area by frame relative to the largest, for the sparkline. */
  readonly areas: ReadonlyMap<number, number>;
  readonly numKnown: number;
  readonly numVisible: number;
  readonly first: number | null;
  readonly last: number | null;
}

const models = new WeakMap<Lane, LaneModel>();

/** The model of a lane, cached by identity: lanes are immutable. */
export function laneModel(lane: Lane): LaneModel {
  const known = models.get(lane);
  if (known !== undefined) return known;
  const model = modelOf(lane);
  models.set(lane, model);
  return model;
}

function modelOf(lane: Lane): LaneModel {
  const known = [...lane.values()].filter(isKnown).sort((a, b) => a.frame_index - b.frame_index);
  const edits: Edits = {
    newest: known.filter(isHuman).reduce((newest, frame) => Math.max(newest, madeAt(frame)), 0),
    checksum: known.filter(isDrawn).reduce((sum, { mask }) => sum + leadingBits(mask?.id ?? "0"), 0),
    pending: known.some((frame) => hasPrompts(frame) && !isDrawn(frame) && !frame.problem),
  };
  const largest = Math.max(1, ...known.map((frame) => frame.mask?.area ?? 0));
  const segments: Segment[] = [];
  for (const frame of known) append(segments, frame.frame_index, kindOf(frame), isStale(frame, edits));
  const visible = known.filter((frame) => (frame.mask?.area ?? 0) > 0);
  return {
    segments,
    prompted: known.filter(hasPrompts).map((frame) => frame.frame_index),
    edited: known.filter((frame) => frame.mask?.source === "edited").map((frame) => frame.frame_index),
    locked: stretches([...lane.values()].filter((frame) => frame.locked)),
    areas: new Map(known.map((frame) => [frame.frame_index, (frame.mask?.area ?? 0) / largest])),
    numKnown: known.length,
    numVisible: visible.length,
    first: visible[0]?.frame_index ?? null,
    last: visible.at(-1)?.frame_index ?? null,
  };
}

function append(segments: Segment[], frameIndex: number, kind: SegmentKind, stale: boolean): void {
  const last = segments.at(-1);
  if (last !== undefined && last.kind === kind && last.stale === stale && last.last === frameIndex - 1) {
    segments[segments.length - 1] = { ...last, last: frameIndex };
  } else {
    segments.push({ kind, stale, first: frameIndex, last: frameIndex });
  }
}

function stretches(frames: readonly FrameState[]): readonly FrameRange[] {
  const found: FrameRange[] = [];
  for (const { frame_index: frame } of frames.toSorted((a, b) => a.frame_index - b.frame_index)) {
    const last = found.at(-1);
    if (last?.last === frame - 1) found[found.length - 1] = { ...last, last: frame };
    else found.push({ first: frame, last: frame });
  }
  return found;
}

function isKnown(frame: FrameState): boolean {
  return frame.mask !== null || hasPrompts(frame);
}

function hasPrompts(frame: FrameState): boolean {
  return frame.prompts !== null && (frame.prompts.clicks.length > 0 || frame.prompts.box !== null);
}

function isHuman(frame: FrameState): boolean {
  return (
    hasPrompts(frame) ||
    (frame.mask !== null && frame.mask.source !== "propagated" && frame.mask.run_id === null)
  );
}

/** What people did to an object, against which propagated masks are held. */
interface Edits {
  readonly newest: number;
  /** As the server works out a mask's `built_on`. */
  readonly checksum: number;
  /** Prompts wait for their mask. */
  readonly pending: boolean;
}

/** Carried from other prompts and drawings than there are now. Masks of earlier versions know only when they were made. */
function isStale(frame: FrameState, edits: Edits): boolean {
  if (frame.mask?.source !== "propagated") return false;
  const builtOn = frame.mask.built_on ?? null;
  return builtOn === null ? madeAt(frame) < edits.newest : edits.pending || builtOn !== edits.checksum;
}

/** A mask that no propagation made. */
function isDrawn({ mask }: FrameState): boolean {
  return mask !== null && mask.source !== "propagated";
}

/** The first 32 bits of an id. */
function leadingBits(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16);
}

/** When the mask was made; `seq` also changes with locks. Prompts without a mask count as newest. */
function madeAt({ mask }: FrameState): number {
  return mask === null ? Number.POSITIVE_INFINITY : Date.parse(mask.created_at);
}

function kindOf(frame: FrameState): SegmentKind {
  if (frame.mask === null) return "prompted";
  return frame.mask.area === 0 ? "absent" : frame.mask.source === "absent" ? "absent" : frame.mask.source;
}

/** The next frame after `from` (in the given direction) among sorted frames; null when there is none. */
export function nextAmong(frames: readonly number[], from: number, direction: 1 | -1): number | null {
  return (
    (direction === 1 ? frames.find((frame) => frame > from) : frames.findLast((frame) => frame < from)) ??
    null
  );
}
