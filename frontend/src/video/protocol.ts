/** The messages between the page and the video worker. Frames are numbered in display order from 0. */

export type VideoRequest =
  | { readonly type: "open"; readonly url: string }
  /** Decode and send the frames `first..last` (inclusive). A newer span replaces an older one. */
  | { readonly type: "decode"; readonly span: Span }
  | { readonly type: "stop" };

export type VideoReply =
  | { readonly type: "opened"; readonly index: FrameIndex }
  | { readonly type: "frame"; readonly frameIndex: number; readonly bitmap: ImageBitmap }
  /** The span is complete, or was given up for a newer one. */
  | { readonly type: "finished"; readonly spanId: number }
  | { readonly type: "failed"; readonly failure: VideoFailure };

export interface Span {
  readonly id: number;
  readonly first: number;
  readonly last: number;
}

/** What demuxing says about the video: nothing here comes from timestamps times a frame rate. */
export interface FrameIndex {
  readonly numFrames: number;
  /** Frame indices of the key frames, ascending; the first is 0. */
  readonly keyFrames: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly codec: string;
}

export interface VideoFailure {
  readonly reason: "no-webcodecs" | "unsupported-codec" | "unreadable" | "decoder";
  readonly detail: string;
}
