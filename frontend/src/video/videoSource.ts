import { nextRange } from "./decodePlan";
import { FrameRing } from "./frameRing";
import type { FrameIndex, Span, VideoFailure, VideoReply, VideoRequest } from "./protocol";

const RING_BYTES = 320 * 1024 * 1024;
const AHEAD_SHARE = 0.6;
const BEHIND_SHARE = 0.25;
const FURTHEST_AHEAD = 96;
/** A failed span is tried again this often before the failure is shown. */
const MOST_FAILURES = 3;

export interface VideoSourceEvents {
  opened(index: FrameIndex): void;
  /** A frame arrived in the ring. */
  frame(frameIndex: number): void;
  failed(failure: VideoFailure): void;
}

/** The page's side of the video worker: holds the decoded frames near the cursor and asks for what is missing. */
export class VideoSource {
  readonly #worker: Worker;
  readonly #events: VideoSourceEvents;
  readonly #ring = new FrameRing<ImageBitmap>(RING_BYTES);
  #index: FrameIndex | null = null;
  #cursor = 0;
  #direction: 1 | -1 = 1;
  #inFlight: Span | null = null;
  #nextSpanId = 1;
  #failures = 0;
  framesDecoded = 0;

  constructor(url: string, events: VideoSourceEvents) {
    this.#events = events;
    this.#worker = new Worker(new URL("./video.worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<VideoReply>) => this.#receive(data);
    if (!("VideoDecoder" in globalThis)) {
      // Said after the constructor returned, as every other event.
      const failure = { reason: "no-webcodecs", detail: "VideoDecoder is missing" } as const;
      queueMicrotask(() => events.failed(failure));
      return;
    }
    this.#worker.onerror = (event) =>
      events.failed({ reason: "decoder", detail: event.message || "The video worker stopped." });
    this.#say({ type: "open", url });
  }

  frame(frameIndex: number): ImageBitmap | undefined {
    return this.#ring.get(frameIndex);
  }

  has(frameIndex: number): boolean {
    return this.#ring.has(frameIndex);
  }

  /** The frame a person wants to see, and where they are heading. Decoding follows. */
  aim(cursor: number, direction: 1 | -1): void {
    this.#cursor = cursor;
    this.#direction = direction;
    this.#ring.aim(cursor, direction);
    const urgent = !this.#ring.has(cursor) && !this.#isComing(cursor);
    if (this.#inFlight === null || urgent) this.#plan();
  }

  close(): void {
    this.#worker.terminate();
    this.#ring.clear();
  }

  #isComing(frameIndex: number): boolean {
    const span = this.#inFlight;
    return span !== null && frameIndex >= span.first && frameIndex <= span.last;
  }

  #plan(): void {
    if (this.#index === null) return;
    const { numFrames, keyFrames, width, height } = this.#index;
    const capacity = Math.floor(RING_BYTES / (width * height * 4));
    const range = nextRange({
      numFrames,
      keyFrames,
      cursor: this.#cursor,
      direction: this.#direction,
      ahead: Math.min(Math.floor(capacity * AHEAD_SHARE), FURTHEST_AHEAD),
      behind: Math.min(Math.floor(capacity * BEHIND_SHARE), FURTHEST_AHEAD / 2),
      has: (frameIndex) => this.#ring.has(frameIndex),
    });
    if (range === null) return;
    this.#inFlight = { id: this.#nextSpanId++, ...range };
    this.#say({ type: "decode", span: this.#inFlight });
  }

  #receive(reply: VideoReply): void {
    switch (reply.type) {
      case "opened":
        this.#index = reply.index;
        this.#events.opened(reply.index);
        this.#plan();
        break;
      case "frame":
        this.framesDecoded++;
        this.#failures = 0;
        this.#ring.put(reply.frameIndex, reply.bitmap);
        this.#events.frame(reply.frameIndex);
        break;
      case "finished":
        if (reply.spanId === this.#inFlight?.id) this.#finish(this.#inFlight);
        break;
      case "failed":
        if (reply.failure.reason !== "decoder" || ++this.#failures >= MOST_FAILURES) {
          this.#events.failed(reply.failure);
        }
        break;
      default:
        reply satisfies never;
    }
  }

  #finish(span: Span): void {
    this.#inFlight = null;
    if (!this.#ring.has(span.first) && ++this.#failures >= MOST_FAILURES) {
      this.#events.failed({ reason: "decoder", detail: `Frame ${span.first} could not be decoded.` });
      return;
    }
    this.#plan();
  }

  #say(request: VideoRequest): void {
    this.#worker.postMessage(request);
  }
}
