import type { EncodedPacket } from "mediabunny";
import type { FrameTable } from "./frameTable";
import type { Span } from "./protocol";

/** Packets handed to the decoder before waiting for it; keeps a long group of pictures from piling up. */
const DEEPEST_QUEUE = 12;

type SendFrame = (frameIndex: number, bitmap: ImageBitmap) => void;

/** Decodes spans of frames, one at a time; every VideoFrame is closed here, the page only ever holds bitmaps. */
export class SpanDecoder {
  readonly #table: FrameTable;
  readonly #send: SendFrame;
  #decoder: VideoDecoder | null = null;
  #wanted: Span | null = null;
  #copies: Promise<void>[] = [];
  #failure: DOMException | null = null;

  constructor(table: FrameTable, send: SendFrame) {
    this.#table = table;
    this.#send = send;
  }

  /** Resolves when every frame of the span was sent, or as soon as another span or `stop` took over. */
  async decode(span: Span): Promise<void> {
    this.#wanted = span;
    this.#failure = null;
    const decoder = this.#freshDecoder();
    const from = await this.#keyPacketFor(span.first);
    const last = this.#table.timestamps[span.last] ?? 0;
    for await (const packet of this.#table.sink.packets(from)) {
      if (this.#wanted !== span) return;
      if (this.#failure !== null) throw this.#failure;
      if (packet.type === "key" && packet.microsecondTimestamp > last) break;
      decoder.decode(packet.toEncodedVideoChunk());
      if (decoder.decodeQueueSize >= DEEPEST_QUEUE) await dequeued(decoder);
      // Without reordering the last packet is the last frame; with it, the frames of one key group are needed.
      if (!this.#table.reorders && packet.microsecondTimestamp >= last) break;
    }
    if (this.#wanted !== span) return;
    await decoder.flush().catch((error: unknown) => this.#ignoreReset(error, span));
    await Promise.all(this.#copies);
  }

  stop(): void {
    this.#wanted = null;
    if (this.#decoder?.state === "configured") this.#decoder.reset();
  }

  #freshDecoder(): VideoDecoder {
    if (this.#decoder === null || this.#decoder.state === "closed") {
      this.#decoder = new VideoDecoder({
        output: (frame) => this.#take(frame),
        error: (error) => {
          this.#failure = error;
        },
      });
    }
    if (this.#decoder.decodeQueueSize > 0) this.#decoder.reset();
    if (this.#decoder.state === "unconfigured") this.#decoder.configure(this.#table.config);
    this.#copies = [];
    return this.#decoder;
  }

  #take(frame: VideoFrame): void {
    const frameIndex = this.#table.frameOfTimestamp.get(frame.timestamp);
    const span = this.#wanted;
    if (frameIndex === undefined || span === null || frameIndex < span.first || frameIndex > span.last) {
      frame.close();
      return;
    }
    const copy = createImageBitmap(frame)
      .then((bitmap) => this.#send(frameIndex, bitmap))
      .finally(() => frame.close());
    this.#copies.push(copy);
  }

  async #keyPacketFor(frameIndex: number): Promise<EncodedPacket> {
    const seconds = (this.#table.timestamps[frameIndex] ?? 0) / 1e6;
    // Half a microsecond forward: the stored time was rounded.
    const packet =
      (await this.#table.sink.getKeyPacket(seconds + 5e-7)) ?? (await this.#table.sink.getFirstPacket());
    if (packet === null) throw new Error("The video has no packets.");
    return packet;
  }

  #ignoreReset(error: unknown, span: Span): void {
    if (this.#wanted === span) throw error;
  }
}

function dequeued(decoder: VideoDecoder): Promise<void> {
  return new Promise((resolve) => decoder.addEventListener("dequeue", () => resolve(), { once: true }));
}
