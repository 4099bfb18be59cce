const LOCK = "maskloom-clock";

/**
 * Two tabs, one clock: only the holder of the browser-wide lock counts time. A tab takes it when it gains focus, from
 * whoever had it: a tab that hangs, or is slow to notice that it lost focus, keeps nobody from counting.
 */
export class SoleClock {
  #turn: { readonly end: () => void } | null = null;
  readonly #onHeld: (held: boolean) => void;

  constructor(onHeld: (held: boolean) => void) {
    this.#onHeld = onHeld;
  }

  acquire(): void {
    if (this.#turn !== null) return;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const turn = { end };
    this.#turn = turn;
    // Pages that were not served securely have no locks; then the server alone sees to it that no moment counts twice.
    if (!("locks" in navigator)) {
      this.#onHeld(true);
      return;
    }
    navigator.locks
      .request(LOCK, { steal: true }, () => {
        if (this.#turn === turn) this.#onHeld(true);
        return ended;
      })
      .catch(() => this.#lose(turn)); // another tab took it
  }

  release(): void {
    if (this.#turn !== null) this.#lose(this.#turn);
  }

  #lose(turn: { readonly end: () => void }): void {
    turn.end();
    if (this.#turn !== turn) return;
    this.#turn = null;
    this.#onHeld(false);
  }
}
