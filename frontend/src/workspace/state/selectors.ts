import type { Holdup } from "@/api/holdup";
import type {
  FrameMask,
  FrameState,
  Masklet,
  ObjectClass,
  PromptSet,
  VerdictValue,
  WorkState,
} from "@/api/types";
import { type MaskShape, ShapeCache, shapeOf } from "@/canvas/maskShape";
import { lookInColor, lookOf, type ObjectLook } from "@/canvas/palette";
import { decodeCounts } from "@/masks/rle";
import { classById } from "../classes/ontologyLookup";
import { type Values, withValues } from "../classes/timelines";
import { isLoneClick, NO_PROMPTS } from "../sync/prompts";
import { countRefused } from "../sync/refusedEdits";
import { livingMasklets, NO_LANE } from "../sync/replica";
import { unsentOf } from "../sync/unsentEdits";
import type { FrameEdit, ObjectKey } from "../sync/writes";
import { heldTask } from "./leaseState";
import type { Draft, WorkspaceState } from "./store";

/** An object as the panels list it: a masklet, or a draft that is about to become one. */
export interface ListedObject {
  readonly key: ObjectKey;
  readonly number: number;
  readonly name: string;
  /** Of the project's ontology; the name is free. */
  readonly objectClass: ObjectClass | null;
  readonly attributes: Values;
  readonly look: ObjectLook;
  readonly verdict: VerdictValue | null;
  readonly work: WorkState;
  /** A verified automatic masklet: part of what the video starts with. */
  readonly locked: boolean;
  readonly draft: boolean;
  /** Found by automatic labelling. */
  readonly automatic: boolean;
}

const CLASSLESS = "#8a8f98";

let listedFor: { readonly inputs: readonly unknown[]; readonly list: readonly ListedObject[] } | null = null;

/** Living objects by number, edits on their way included; rejected automatic ones only when wanted. */
export function listedObjects(state: WorkspaceState): readonly ListedObject[] {
  const { drafts, queue, refusedEdits, showsRejected, ontology, colorBy } = state;
  const inputs = [state.replica.masklets, drafts, queue, refusedEdits, showsRejected, ontology, colorBy];
  if (listedFor?.inputs.every((input, at) => input === inputs[at])) return listedFor.list;
  const waiting = unsentOf(state);
  const list = [
    ...livingMasklets(state.replica)
      .filter(({ id }) => !waiting.deleted.has(id))
      .filter((masklet) => showsRejected || !isRejectedFind(masklet))
      .map((masklet) => {
        const given = waiting.classes.get(masklet.id);
        const objectClass = classById(ontology, given === undefined ? masklet.class_id : given);
        const said = waiting.said.get(masklet.id);
        return {
          key: masklet.id,
          number: masklet.number,
          name: waiting.renamed.get(masklet.id) ?? masklet.name ?? `Object ${masklet.number}`,
          objectClass,
          attributes: said === undefined ? masklet.attributes : withValues(masklet.attributes, said),
          look: lookFor(colorBy, masklet.color_index, objectClass),
          verdict: masklet.verdict,
          work: masklet.work,
          locked: masklet.origin === "auto" && masklet.verdict === "satisfactory",
          draft: false,
          automatic: masklet.origin === "auto",
        };
      }),
    ...drafts.map(({ key, number }) => {
      const objectClass = classById(ontology, waiting.classes.get(key) ?? null);
      return {
        key,
        number,
        name: `${classById(ontology, waiting.begun.get(key) ?? null)?.name ?? "Object"} ${number}`,
        objectClass,
        attributes: withValues({}, waiting.said.get(key) ?? []),
        look: lookFor(colorBy, number - 1, objectClass),
        verdict: null,
        work: "annotating" as const,
        locked: false,
        draft: true,
        automatic: false,
      };
    }),
  ];
  listedFor = { inputs, list };
  return list;
}

/** The look of an object by its number, or by its class: without one it is grey. */
export function lookFor(
  colorBy: WorkspaceState["colorBy"],
  index: number,
  of: ObjectClass | null,
): ObjectLook {
  return colorBy === "class" ? lookInColor(of?.color ?? CLASSLESS) : lookOf(index);
}

/** The look of the object that the next click begins. */
export function nextLook(state: WorkspaceState): ObjectLook {
  return lookFor(state.colorBy, nextNumber(state) - 1, classById(state.ontology, state.classInHand));
}

/** An automatic masklet that a verifier rejected. */
function isRejectedFind({ origin, verdict }: Masklet): boolean {
  return origin === "auto" && verdict === "rejected";
}

export function numRejected(state: WorkspaceState): number {
  return livingMasklets(state.replica).filter(isRejectedFind).length;
}

/** The one object the held task is about; null where it is about the whole video, or the object is not there. */
export function taskObject(state: WorkspaceState): ObjectKey | null {
  const object = heldTask(state.lease)?.masklet_id ?? null;
  return listedObjects(state).some(({ key }) => key === object) ? object : null;
}

export function frameStateOf(
  state: WorkspaceState,
  object: ObjectKey,
  frameIndex: number,
): FrameState | undefined {
  return (state.replica.lanes.get(object) ?? NO_LANE).get(frameIndex);
}

/** The prompts of a frame as the person left them, sent or not. A brush stroke leaves them as they are. */
export function promptsOf(state: WorkspaceState, object: ObjectKey, frameIndex: number): PromptSet {
  const pending = latestPending(state, object, frameIndex, (edit) => edit.kind !== "mask");
  switch (pending?.kind) {
    case "prompts":
      return pending.prompts;
    case "clear":
      return NO_PROMPTS;
    case "mask":
    case undefined:
      return frameStateOf(state, object, frameIndex)?.prompts ?? NO_PROMPTS;
    default:
      return pending satisfies never;
  }
}

/** A click may mean a part, an object or a group: the model has this many candidates for it. */
export const NUM_CANDIDATES = 3;

/** Which candidate for a lone click is shown, or on its way; null where there is nothing to choose. */
export function candidateOf(state: WorkspaceState, object: ObjectKey, frameIndex: number): number | null {
  const prompts = promptsOf(state, object, frameIndex);
  if (!isLoneClick(prompts)) return null;
  const pending = latestPending(state, object, frameIndex);
  if (pending !== undefined) return pending.kind === "prompts" ? prompts.candidate : null;
  const mask = frameStateOf(state, object, frameIndex)?.mask ?? null;
  return mask?.source === "prompted" ? mask.candidate : null;
}

/** True while a mask for these prompts is still on its way. */
export function isWaitingForMask(state: WorkspaceState, object: ObjectKey, frameIndex: number): boolean {
  return latestPending(state, object, frameIndex)?.kind === "prompts";
}

/** The mask to show: a queued edit first, else the server's; null when unknown or absent. */
export function shownShape(state: WorkspaceState, object: ObjectKey, frameIndex: number): MaskShape | null {
  const pending = latestPending(state, object, frameIndex);
  switch (pending?.kind) {
    case "mask":
      return pending.shape;
    case "clear":
      return null;
    case "prompts":
    case undefined: {
      const mask = frameStateOf(state, object, frameIndex)?.mask ?? null;
      return mask === null || mask.area === 0 ? null : shapeOfMask(mask);
    }
    default:
      return pending satisfies never;
  }
}

/** True where the mask that is shown came from propagation, and nobody has changed it since. */
export function isTracked(state: WorkspaceState, object: ObjectKey, frameIndex: number): boolean {
  if (latestPending(state, object, frameIndex) !== undefined) return false;
  return frameStateOf(state, object, frameIndex)?.mask?.source === "propagated";
}

const shapes = new ShapeCache();

/** The drawable shape of a stored mask, traced at most once. */
export function shapeOfMask(mask: FrameMask): MaskShape {
  const [height = 0, width = 0] = mask.size;
  return shapes.get(mask.id, () => shapeOf(decodeCounts(mask.counts, width * height), height));
}

/** The newest unsent edit on one frame of one object, or the newest of those that count. */
function latestPending(
  state: WorkspaceState,
  object: ObjectKey,
  frameIndex: number,
  counts: (edit: FrameEdit) => boolean = () => true,
): FrameEdit | undefined {
  // What waits for an object that was not created is shown too: it is not lost.
  const held = state.refusedEdits.flatMap(({ followers }) => followers);
  const edits = [...held, ...state.queue].flatMap(({ write }) => ("frameIndex" in write ? [write] : []));
  return edits.findLast(
    (write) => write.object === object && write.frameIndex === frameIndex && counts(write),
  );
}

/** Describes the mask on a frame, a queued edit included. */
export function maskWords(state: WorkspaceState, object: ObjectKey, frameIndex: number): string {
  const pending = latestPending(state, object, frameIndex);
  switch (pending?.kind) {
    case "prompts":
      return "on its way";
    case "mask":
      return pending.tool === "absent" ? "absent" : "edited";
    case "clear":
      return "unknown";
    case undefined:
      return wordsOf(frameStateOf(state, object, frameIndex)?.mask ?? null);
    default:
      return pending satisfies never;
  }
}

function wordsOf(mask: FrameMask | null): string {
  if (mask === null) return "unknown";
  if (mask.area === 0) return "absent";
  return mask.source === "prompted" ? "from prompts" : mask.source;
}

/** "saved" means that the server has acknowledged every edit, and that none was refused unseen. */
export type SaveState =
  | { readonly kind: "opening" | "saved" }
  | { readonly kind: "saving" | "offline"; readonly waiting: number }
  | { readonly kind: "held"; readonly waiting: number; readonly because: Exclude<Holdup, "network"> }
  | { readonly kind: "refused"; readonly waiting: number; readonly refused: number };

export function saveStateOf(
  state: Pick<WorkspaceState, "queue" | "holdup" | "refusedEdits" | "shelf">,
): SaveState {
  const waiting = state.queue.length;
  const refused = countRefused(state.refusedEdits);
  if (refused > 0) return { kind: "refused", waiting, refused };
  if (state.shelf === "unread") return { kind: "opening" };
  if (waiting === 0) return { kind: "saved" };
  const because = state.holdup;
  if (because === null) return { kind: "saving", waiting };
  return because === "network" ? { kind: "offline", waiting } : { kind: "held", waiting, because };
}

/** The frame a gesture means: the one the person sees, also while another is still being decoded. */
export function frameOnStage(state: Pick<WorkspaceState, "shownFrame" | "frameIndex">): number {
  return state.shownFrame ?? state.frameIndex;
}

/** Drafts with the numbers they will get, counted after what is known by now. */
export function renumbered({
  replica,
  drafts,
}: Pick<WorkspaceState, "replica" | "drafts">): readonly Draft[] {
  const first = nextNumber({ replica, drafts: [] });
  return drafts.map((draft, i) => ({ ...draft, number: first + i }));
}

/** The number the next object will get; numbers are never reused in a video. */
export function nextNumber(state: Pick<WorkspaceState, "replica" | "drafts">): number {
  const taken = [...state.replica.masklets.values(), ...state.drafts];
  return Math.max(0, ...taken.map((object) => object.number)) + 1;
}

/** The objects that submitting the video puts away, because they have no mask anywhere. */
export function emptyNames(state: WorkspaceState): string {
  return listedObjects(state)
    .filter(({ key, work, draft }) => !draft && work === "annotating" && !isFilled(state, key))
    .map(({ name }) => name)
    .join(", ");
}

function isFilled({ replica }: WorkspaceState, object: string): boolean {
  const lane = replica.lanes.get(object) ?? NO_LANE;
  return [...lane.values()].some(({ mask, prompts }) => mask !== null || prompts !== null);
}

/** Whether the refine task in hand is about masks that are still those of the verdict. */
export function isUnchanged(state: WorkspaceState): boolean {
  const task = heldTask(state.lease);
  if (task?.kind !== "refine" || task.masklet_id === null) return false;
  return state.replica.masklets.get(task.masklet_id)?.verdict === "unsatisfactory";
}
