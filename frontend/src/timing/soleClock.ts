const LOCK = "maskloom-clock";

/**
 * Two tabs, one clock: only the holder of the browser-wide lock counts time. A tab asks when it gains focus and
 * lets go when it loses it.
 */
export class SoleClock {
  #release: (() => void) | null = null;
  #request: AbortController | null = null;
  readonly #onHeld: (held: boolean) => void;

  constructor(onHeld: (held: boolean) => void) {
    this.#onHeld = onHeld;
  }

  acquire(): void {
    if (this.#request !== null) return;
    const request = new AbortController();
    this.#request = request;
    if (!("locks" in navigator)) {
      this.#onHeld(true);
      return;
    }
    navigator.locks
      .request(LOCK, { signal: request.signal }, () => {
        this.#onHeld(true);
        return new Promise<void>((resolve) => {
          this.#release = resolve;
        });
      })
      .catch(() => {
        // Aborted while waiting: another tab kept the clock.
      });
  }

  release(): void {
    if (this.#request === null) return;
    this.#request.abort();
    this.#request = null;
    this.#release?.();
    this.#release = null;
    this.#onHeld(false);
  }
}
