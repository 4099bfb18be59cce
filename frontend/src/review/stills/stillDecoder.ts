import type { VideoReply, VideoRequest } from "@/video/protocol";

type Receive = (frameIndex: number, picture: ImageBitmap) => void;

/** Decodes single frames of one video in the order requested; keeps none. */
export class StillDecoder {
  readonly #worker: Worker;
  #opened = false;
  #wanted: number[] = [];
  #receive: Receive = () => {};
  #spanId = 0;

  constructor(url: string) {
    this.#worker = new Worker(new URL("../../video/video.worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<VideoReply>) => this.#take(data);
    this.#say({ type: "open", url });
  }

  /** Replaces the previous request. The picture is closed when `receive` returns. */
  want(frames: readonly number[], receive: Receive): void {
    this.#wanted = [...frames];
    this.#receive = receive;
    if (this.#opened) this.#next();
  }

  close(): void {
    this.#worker.terminate();
  }

  #next(): void {
    const frame = this.#wanted[0];
    if (frame === undefined) return;
    this.#spanId += 1;
    this.#say({ type: "decode", span: { id: this.#spanId, first: frame, last: frame } });
  }

  #take(reply: VideoReply): void {
    switch (reply.type) {
      case "opened":
        this.#opened = true;
        this.#next();
        break;
      case "frame":
        if (reply.frameIndex === this.#wanted[0]) this.#receive(reply.frameIndex, reply.bitmap);
        reply.bitmap.close();
        break;
      case "finished":
        if (reply.spanId !== this.#spanId) break;
        // A frame that could not be decoded keeps its placeholder.
        this.#wanted.shift();
        this.#next();
        break;
      case "failed":
        break;
      default:
        reply satisfies never;
    }
  }

  #say(request: VideoRequest): void {
    this.#worker.postMessage(request);
  }
}
