/** The shapes the backend speaks. Pixels are of the video of record; frame indices are 0-based. */

export type Id = string;
export type Direction = "forward" | "backward" | "both";
export type VerdictValue = "satisfactory" | "unsatisfactory" | "rejected";

export interface Job {
  readonly id: Id;
  readonly kind: string;
  readonly state: "queued" | "running" | "done" | "failed";
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly eta_seconds: number | null;
  readonly message: string | null;
}

export interface Project {
  readonly id: Id;
  readonly name: string;
  readonly stride: number;
  readonly long_side: number;
  readonly phase: string;
  readonly is_sample: boolean;
  readonly num_videos: number;
  readonly num_masklets: number;
  readonly num_verified: number;
  readonly poster_video_id: Id | null;
  readonly created_at: string;
}

export interface Filmstrip {
  readonly url: string;
  readonly tile_width: number;
  readonly tile_height: number;
  readonly columns: number;
  readonly frame_indices: readonly number[];
}

/** An RFC 9457 body, as stored with a failed ingest or returned with an error status. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string | null;
}

export interface Video {
  readonly id: Id;
  readonly project_id: Id;
  readonly name: string;
  readonly state: "ingesting" | "ready" | "failed";
  readonly problem: Problem | null;
  readonly warnings: readonly string[];
  readonly width: number | null;
  readonly height: number | null;
  readonly num_frames: number | null;
  readonly fps: { readonly num: number; readonly den: number } | null;
  readonly duration_seconds: number | null;
  readonly stride: number;
  readonly environment: string | null;
  readonly split: string | null;
  readonly num_masklets: number;
  readonly num_verified: number;
  readonly poster_url: string | null;
  readonly filmstrip: Filmstrip | null;
  readonly proxy_url: string | null;
  readonly job: Job | null;
  readonly created_at: string;
}

export interface Masklet {
  readonly id: Id;
  readonly video_id: Id;
  readonly number: number;
  readonly name: string | null;
  readonly color_index: number;
  readonly phase: string;
  readonly origin: string;
  readonly verdict: VerdictValue | null;
  /** Sent back as If-Match with every edit of this masklet. */
  readonly version: number;
  readonly deleted: boolean;
  readonly seq: number;
  readonly created_by: string | null;
  readonly model_version: string | null;
}

export interface Click {
  readonly x: number;
  readonly y: number;
  readonly label: "positive" | "negative";
}

export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface PromptSet {
  readonly clicks: readonly Click[];
  readonly box: Box | null;
}

/** COCO run-length encoding: size is [height, width], counts the compressed string. */
export interface Rle {
  readonly size: readonly number[];
  readonly counts: string;
}

export interface FrameMask extends Rle {
  readonly id: Id;
  readonly area: number;
  /** [x, y, width, height]; null where the object is absent. */
  readonly box: readonly number[] | null;
  readonly source: "prompted" | "propagated" | "edited" | "absent";
  readonly predicted_iou: number | null;
  readonly object_score: number | null;
  readonly stability: number | null;
  readonly model_version: string | null;
  readonly run_id: Id | null;
  readonly created_at: string;
}

/** mask null = never tracked; area 0 = the object is absent on this frame. */
export interface FrameState {
  readonly masklet_id: Id;
  readonly frame_index: number;
  readonly seq: number;
  readonly prompts: PromptSet | null;
  readonly mask: FrameMask | null;
}

export interface Run {
  readonly id: Id;
  readonly video_id: Id;
  readonly masklet_ids: readonly Id[];
  readonly direction: Direction;
  readonly start_frame: number;
  readonly first_frame: number;
  readonly last_frame: number;
  readonly state: "queued" | "running" | "done" | "cancelled" | "failed";
  readonly done: number;
  readonly total: number;
  readonly frames_per_second: number | null;
  readonly eta_seconds: number | null;
  readonly seq: number;
  readonly problem: Problem | null;
}

export interface ActionRef {
  readonly id: Id;
  readonly kind: string;
  readonly masklet_id: Id | null;
}

export interface Changes {
  readonly seq: number;
  readonly more: boolean;
  readonly masklets: readonly Masklet[];
  readonly frames: readonly FrameState[];
  readonly runs: readonly Run[];
  readonly history: { readonly undo: ActionRef | null; readonly redo: ActionRef | null };
}

export interface EditResult {
  readonly frame: FrameState;
  readonly masklet: Masklet;
  readonly action_id: Id;
}

export interface MaskletTiming {
  readonly masklet_id: Id;
  readonly active_seconds: number;
  readonly waiting_seconds: number;
  readonly reviewing_seconds: number;
  readonly annotated_frames: number;
  readonly edited_frames: number;
  readonly clicks: number;
  readonly seconds_per_frame: number | null;
}

export interface VideoTiming {
  readonly idle_seconds: number;
  readonly masklets: readonly MaskletTiming[];
}

export interface ReviewItem {
  readonly masklet: Masklet;
  readonly video_id: Id;
  readonly video_name: string;
  readonly num_frames: number;
  readonly num_annotated_frames: number;
  readonly num_edited_frames: number;
  readonly mean_predicted_iou: number | null;
  readonly mean_object_score: number | null;
  /** Frame indices, worst first. */
  readonly worst_frames: readonly number[];
  /** 0 to 1; the queue comes sorted by it, highest first. */
  readonly risk: number;
}

export interface VerdictResult {
  readonly verdict: VerdictValue;
  readonly reasons: readonly string[];
  readonly masklet: Masklet;
}

export interface DatasetExport {
  readonly id: Id;
  readonly project_id: Id;
  readonly format: string;
  readonly state: "queued" | "running" | "done" | "failed";
  readonly job: Job | null;
  readonly num_videos: number;
  readonly num_masklets: number;
  readonly size_bytes: number | null;
  readonly report: Readonly<Record<string, unknown>> | null;
  readonly download_url: string | null;
  readonly created_at: string;
}

export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly config_name: string;
  readonly input_size: number;
  readonly num_parameters: number;
  readonly device: string;
  readonly precision: string;
  /** Markdown. */
  readonly card: string;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly builtin: boolean;
}

export interface PartHealth {
  readonly status: string;
  readonly detail?: string | null;
}

export interface Health {
  readonly status: string;
  readonly database: PartHealth;
  readonly model_server: PartHealth;
  readonly jobs: PartHealth;
  readonly version: string;
}
