import type { FrameMask, FrameState, Masklet, Ontology, Phase, PhaseTool, Run, Task } from "@/api/types";
import { type PhaseBook, phaseBook } from "../state/phaseBook";

/** Rows as the server sends them, for tests. */
export function makeMasklet(overrides: Partial<Masklet> = {}): Masklet {
  return {
    id: "m1",
    video_id: "v",
    number: 1,
    name: "Object 1",
    class_id: null,
    attributes: {},
    color_index: 0,
    phase: "sam2",
    origin: "manual",
    verdict: null,
    work: "annotating",
    version: 1,
    deleted: false,
    seq: 1,
    created_by: "u",
    model_version: null,
    ...overrides,
  };
}

export function makeFrame(overrides: Partial<FrameState> = {}): FrameState {
  return {
    masklet_id: "m1",
    frame_index: 0,
    seq: 1,
    prompts: null,
    mask: null,
    locked: false,
    problem: null,
    ...overrides,
  };
}

export function makeMask(overrides: Partial<FrameMask> = {}): FrameMask {
  return {
    id: "mask",
    size: [4, 4],
    counts: "",
    area: 4,
    box: [0, 0, 2, 2],
    source: "propagated",
    predicted_iou: 0.9,
    object_score: 3,
    stability: 1,
    candidate: null,
    model_version: "x",
    run_id: null,
    built_on: null,
    created_at: "2026-01-01T00:00:00Z",
    ...overrides,
  };
}

const SAM = ["point", "box", "brush", "eraser"] as const;

/** An ontology of two classes with keys, and an attribute of objects that changes over time. */
export const EXAMPLE_ONTOLOGY: Ontology = {
  classes: [
    { id: "v", name: "Vehicle", color: "#c91f16", key: null, noun_phrase: null, parent: null },
    { id: "car", name: "Car", color: "#1845fb", key: "1", noun_phrase: "a car", parent: "Vehicle" },
    { id: "tree", name: "Tree", color: "#00aa00", key: "G", noun_phrase: null, parent: null },
  ],
  attributes: [
    {
      id: "occluded",
      name: "Occluded",
      scope: "object",
      kind: "yes_no",
      required: true,
      changes: true,
      choices: [],
    },
  ],
};

/** The phases as the server tells them, for a project of one of them. */
export function makePhases(own: Phase = "sam2"): PhaseBook {
  const rules = (phase: Phase, number: number, tools: readonly PhaseTool[]) => {
    return { phase, number, title: phase, summary: `summary of ${phase}`, tools };
  };
  return phaseBook(own, [
    rules("sam_per_frame", 1, SAM),
    rules("sam_plus_sam2_mask", 2, [...SAM, "propagate"]),
    rules("sam2", 3, [...SAM, "propagate", "refine"]),
  ]);
}

export function makeTask(overrides: Partial<Task> = {}): Task {
  return {
    id: "t1",
    project_id: "p",
    video_id: "v",
    video_name: "clip.mp4",
    masklet_id: null,
    masklet_number: null,
    masklet_name: null,
    kind: "annotate",
    phase: "sam2",
    state: "claimed",
    priority: 0,
    assignee_id: "u",
    assignee_name: "Ann",
    reserved_until: null,
    lease_until: "2026-01-01T00:02:00Z",
    epoch: 3,
    claimable: false,
    carried: false,
    frame_index: null,
    outcome: null,
    reason: null,
    finished_at: null,
    created_at: "2026-01-01T00:00:00Z",
    ...overrides,
  };
}

export function makeRun(overrides: Partial<Run> = {}): Run {
  return {
    id: "r1",
    video_id: "v",
    masklet_ids: ["m1"],
    left_out: [],
    direction: "forward",
    start_frame: 0,
    first_frame: 0,
    last_frame: 9,
    state: "running",
    done: 0,
    total: 9,
    frames_per_second: null,
    eta_seconds: null,
    seq: 1,
    problem: null,
    ...overrides,
  };
}
