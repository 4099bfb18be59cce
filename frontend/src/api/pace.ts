/** How often to ask again: as often as wanted, but so that the server spends little of its time on the answers. */

/** An answer is followed by a pause of this many times as long as it took. */
const REST = 20;

export class Pace {
  #took = 0;

  constructor(private readonly shortest: number) {}

  /** Notes how long an answer takes. */
  async timed<T>(answer: () => Promise<T>): Promise<T> {
    const asked = performance.now();
    const found = await answer();
    this.#took = performance.now() - asked;
    return found;
  }

  /** The pause before the next question, in milliseconds. */
  get interval(): number {
    return Math.max(this.shortest, REST * this.#took);
  }
}
