/** A decoded picture that must be released by hand. */
export interface Closable {
  readonly width: number;
  readonly height: number;
  close(): void;
}

const BYTES_PER_PIXEL = 4;

/** The decoded frames near the cursor, capped in bytes. What is furthest from the cursor is closed first. */
export class FrameRing<T extends Closable> {
  readonly #frames = new Map<number, T>();
  readonly #capacityBytes: number;
  #bytes = 0;
  #cursor = 0;
  #direction: 1 | -1 = 1;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get size(): number {
    return this.#frames.size;
  }

  get(frameIndex: number): T | undefined {
    return this.#frames.get(frameIndex);
  }

  has(frameIndex: number): boolean {
    return this.#frames.has(frameIndex);
  }

  aim(cursor: number, direction: 1 | -1): void {
    this.#cursor = cursor;
    this.#direction = direction;
  }

  /** Keeps the frame, and closes others until the ring fits again; the frame at the cursor always stays. */
  put(frameIndex: number, frame: T): void {
    this.#remove(frameIndex);
    this.#frames.set(frameIndex, frame);
    this.#bytes += frame.width * frame.height * BYTES_PER_PIXEL;
    while (this.#bytes > this.#capacityBytes && this.#frames.size > 1) this.#remove(this.#furthest());
  }

  clear(): void {
    for (const frameIndex of [...this.#frames.keys()]) this.#remove(frameIndex);
  }

  #remove(frameIndex: number): void {
    const frame = this.#frames.get(frameIndex);
    if (frame === undefined) return;
    this.#frames.delete(frameIndex);
    this.#bytes -= frame.width * frame.height * BYTES_PER_PIXEL;
    frame.close();
  }

  #furthest(): number {
    let worst = this.#cursor;
    let worstDistance = -1;
    for (const frameIndex of this.#frames.keys()) {
      const offset = (frameIndex - this.#cursor) * this.#direction;
      // A frame already passed is worth half of one still to come.
      const distance = offset < 0 ? -2 * offset : offset;
      if (distance > worstDistance) [worst, worstDistance] = [frameIndex, distance];
    }
    return worst;
  }
}
