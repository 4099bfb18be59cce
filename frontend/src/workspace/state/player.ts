import { type PlayClock, tick } from "@/video/playClock";
import type { FrameIndex, VideoFailure } from "@/video/protocol";
import { VideoSource } from "@/video/videoSource";
import type { WorkspaceStore } from "./store";

/** Steps, seeks and plays. The store says which frame is on the stage. */
export class Player {
  readonly #store: WorkspaceStore;
  readonly #source: VideoSource;
  #clock: PlayClock | null = null;
  #animation = 0;

  constructor(store: WorkspaceStore, proxyUrl: string) {
    this.#store = store;
    this.#source = new VideoSource(proxyUrl, {
      opened: (index) => this.#opened(index),
      frame: (frameIndex) => this.#arrived(frameIndex),
      failed: (videoFailure: VideoFailure) => store.setState({ videoFailure }),
    });
  }

  get framesDecoded(): number {
    return this.#source.framesDecoded;
  }

  picture(frameIndex: number): ImageBitmap | undefined {
    return this.#source.frame(frameIndex);
  }

  /** Goes to a frame; it is on the stage once decoded. Playback stops. */
  seek(frameIndex: number): void {
    this.pause();
    this.#goTo(this.#clamped(frameIndex));
  }

  step(frames: number): void {
    this.seek(this.#store.getState().frameIndex + frames);
  }

  /** To the next frame of the annotation grid in the given direction. */
  stepAnnotated(steps: number): void {
    const { frameIndex, video } = this.#store.getState();
    const grid = steps > 0 ? Math.floor(frameIndex / video.stride) : Math.ceil(frameIndex / video.stride);
    const last = Math.floor((video.numFrames - 1) / video.stride);
    this.seek(Math.min(Math.max(grid + steps, 0), last) * video.stride);
  }

  toggle(): void {
    if (this.#store.getState().playRate === 0) this.play(1);
    else this.pause();
  }

  play(rate: number): void {
    const { video, loop, frameIndex } = this.#store.getState();
    const bounds = loop ?? { first: 0, last: video.numFrames - 1 };
    const inside = frameIndex >= bounds.first && frameIndex <= bounds.last;
    const atEnd = frameIndex === (rate > 0 ? bounds.last : bounds.first);
    const start = inside && !atEnd ? frameIndex : rate > 0 ? bounds.first : bounds.last;
    this.#clock = {
      anchorTime: performance.now(),
      anchorFrame: start,
      framesPerSecond: video.framesPerSecond,
      rate,
      loop: bounds,
    };
    this.#store.setState({ playRate: rate });
    this.#goTo(start);
    cancelAnimationFrame(this.#animation);
    this.#animation = requestAnimationFrame(this.#onTick);
  }

  pause(): void {
    if (this.#clock === null) return;
    this.#clock = null;
    cancelAnimationFrame(this.#animation);
    this.#store.setState({ playRate: 0 });
  }

  close(): void {
    this.pause();
    this.#source.close();
  }

  readonly #onTick = (now: number): void => {
    if (this.#clock === null) return;
    const { shownFrame, frameIndex } = this.#store.getState();
    const next = tick(this.#clock, shownFrame ?? frameIndex, now, (f) => this.#source.has(f));
    this.#clock = next.clock;
    if (next.frameIndex !== frameIndex) this.#goTo(next.frameIndex);
    this.#animation = requestAnimationFrame(this.#onTick);
  };

  #goTo(frameIndex: number): void {
    const { frameIndex: from, playRate } = this.#store.getState();
    const direction = (playRate || frameIndex - from) < 0 ? -1 : 1;
    const shown = this.#source.has(frameIndex) ? { shownFrame: frameIndex } : {};
    this.#store.setState({ frameIndex, ...shown });
    this.#source.aim(frameIndex, direction, playRate !== 0);
  }

  #opened(index: FrameIndex): void {
    const { video } = this.#store.getState();
    if (index.numFrames !== video.numFrames) {
      const detail = `The file holds ${index.numFrames} frames where ${video.numFrames} were expected.`;
      this.#store.setState({ videoFailure: { reason: "unreadable", detail } });
    }
    this.#source.aim(this.#store.getState().frameIndex, 1, false);
  }

  #arrived(frameIndex: number): void {
    const { frameIndex: wanted, shownFrame, decodedBy } = this.#store.getState();
    if (decodedBy === null) this.#store.setState({ decodedBy: "webcodecs" });
    const nearer = shownFrame === null || Math.abs(frameIndex - wanted) < Math.abs(shownFrame - wanted);
    // While scrubbing, a frame on the way is better than none; the stage says which one it shows.
    if (frameIndex === wanted || (nearer && !this.#source.has(wanted))) {
      this.#store.setState({ shownFrame: frameIndex });
    }
  }

  #clamped(frameIndex: number): number {
    return Math.min(Math.max(Math.round(frameIndex), 0), this.#store.getState().video.numFrames - 1);
  }
}
