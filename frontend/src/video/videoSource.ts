import { nextRange } from "./decodePlan";
import { FrameRing } from "./frameRing";
import type { FrameIndex, Span, VideoFailure, VideoReply, VideoRequest } from "./protocol";

const RING_BYTES = 320 * 1024 * 1024;
const AHEAD_SHARE = 0.6;
const BEHIND_SHARE = 0.25;
/** Frames held ahead of the cursor while playing, and on either side of it at rest. */
const PLAYING_AHEAD = 96;
const RESTING_AHEAD = 32;
/** A failed span is tried again this often before the failure is shown. */
const MOST_FAILURES = 3;

export interface VideoSourceEvents {
  opened(index: FrameIndex): void;
  /** A frame arrived in the ring. */
  frame(frameIndex: number): void;
  failed(failure: VideoFailure): void;
}

/** The page's side of the video worker: holds the decoded frames near the cursor, requests the rest. */
export class VideoSource {
  readonly #worker: Worker;
  readonly #events: VideoSourceEvents;
  readonly #ring = new FrameRing<ImageBitmap>(RING_BYTES);
  #index: FrameIndex | null = null;
  #cursor = 0;
  #direction: 1 | -1 = 1;
  #playing = false;
  #inFlight: (Span & { readonly wanted: boolean }) | null = null;
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

  /** Moves the cursor: the frame wanted, and the direction of travel. Decoding follows. */
  aim(cursor: number, direction: 1 | -1, playing = true): void {
    this.#cursor = cursor;
    this.#direction = direction;
    this.#playing = playing;
    this.#ring.aim(cursor, direction);
    if (this.#inFlight === null || (this.#isMissed() && !this.#isTargetDue())) this.#plan();
  }

  close(): void {
    this.#worker.terminate();
    this.#ring.clear();
  }

  /** The cursor's frame is neither here nor on its way. */
  #isMissed(): boolean {
    const span = this.#inFlight;
    const coming = span !== null && this.#cursor >= span.first && this.#cursor <= span.last;
    return !coming && !this.#ring.has(this.#cursor);
  }

  /**
   * A span somebody waited for has not shown its first frame yet. Scrubbing lets it finish that one: given up for
   * every movement of the hand, no frame would ever be seen.
   */
  #isTargetDue(): boolean {
    const span = this.#inFlight;
    return span?.wanted === true && !this.#ring.has(span.first);
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
      ahead: Math.min(Math.floor(capacity * AHEAD_SHARE), this.#playing ? PLAYING_AHEAD : RESTING_AHEAD),
      behind: Math.min(Math.floor(capacity * BEHIND_SHARE), RESTING_AHEAD),
      has: (frameIndex) => this.#ring.has(frameIndex),
    });
    if (range === null) return;
    const span = { id: this.#nextSpanId++, ...range };
    this.#inFlight = { ...span, wanted: range.first === this.#cursor };
    this.#say({ type: "decode", span });
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
        // The cursor has moved on meanwhile.
        if (reply.frameIndex === this.#inFlight?.first && this.#isMissed()) this.#plan();
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
