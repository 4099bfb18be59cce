import type { Run } from "@/api/types";
import { NO_LANE, type Replica } from "../sync/replica";

/** The frames a run has reached, read from its masks. */
export interface RunFront {
  readonly first: number;
  readonly last: number;
}

export function runFront(replica: Replica, run: Run): RunFront {
  let first = run.start_frame;
  let last = run.start_frame;
  for (const id of run.masklet_ids) {
    for (const frame of (replica.lanes.get(id) ?? NO_LANE).values()) {
      if (frame.mask?.run_id !== run.id) continue;
      first = Math.min(first, frame.frame_index);
      last = Math.max(last, frame.frame_index);
    }
  }
  return { first, last };
}
