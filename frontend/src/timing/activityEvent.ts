import type { Id } from "@/api/types";

export type ActivityKind =
  | "focus"
  | "blur"
  | "heartbeat"
  | "input"
  | "wait_begin"
  | "wait_end"
  | "edit"
  | "play"
  | "step"
  | "open"
  | "close";

/** One append-only row: who, masklet, frame, what, when. Seconds are derived on the server, never here. */
export interface ActivityEvent {
  readonly event_id: Id;
  readonly session_id: Id;
  readonly video_id: Id;
  readonly masklet_id: Id | null;
  readonly frame_index: number | null;
  readonly phase: string;
  readonly tool: string | null;
  readonly kind: ActivityKind;
  readonly client_monotonic_ms: number;
  readonly client_time: string;
  readonly payload: Readonly<Record<string, unknown>>;
}
