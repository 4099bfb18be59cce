import type { Task } from "@/api/types";

/** An open task as the server lists it, for tests. */
export function makeTask(overrides: Partial<Task>): Task {
  return {
    id: "t",
    project_id: "p",
    video_id: "v",
    video_name: "clip.mp4",
    masklet_id: null,
    masklet_number: null,
    masklet_name: null,
    kind: "annotate",
    phase: "sam2",
    state: "open",
    priority: 0,
    assignee_id: null,
    assignee_name: null,
    reserved_until: null,
    lease_until: null,
    epoch: 0,
    claimable: true,
    carried: false,
    frame_index: null,
    outcome: null,
    reason: null,
    finished_at: null,
    created_at: "2026-01-01T00:00:00Z",
    ...overrides,
  };
}
