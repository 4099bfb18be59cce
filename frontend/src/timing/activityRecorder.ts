import { sendActivity } from "@/api/annotation";
import type { ActivityEvent, ActivityKind, Id, Phase } from "@/api/types";
import { EventOutbox } from "./eventOutbox";
import { SoleClock } from "./soleClock";

const HEARTBEAT_MILLISECONDS = 5000;

/** What the person is attending to; stamped on every event. */
export interface Attention {
  readonly maskletId: Id | null;
  readonly frameIndex: number | null;
  readonly tool: string | null;
  /** Of the masklet, or of the project while none is selected. */
  readonly phase: Phase;
}

interface Counters {
  pointer: number;
  keys: number;
  wheel: number;
}

/**
 * Records what happens on the workspace while this tab holds the clock: focus and blur, a heartbeat every 5 s with
 * input counters (never mouse tracks), edits, waiting and reviewing.
 */
export class ActivityRecorder {
  readonly #videoId: Id;
  readonly #sessionId = crypto.randomUUID();
  readonly #outbox: EventOutbox;
  readonly #clock = new SoleClock((held) => this.#onClock(held));
  readonly #ended = new AbortController();
  #attention: Attention;
  #counters: Counters = { pointer: 0, keys: 0, wheel: 0 };
  #inputSinceBeat = false;
  #counting = false;
  #waiting = 0;
  #heartbeat = 0;

  constructor(videoId: Id, phase: Phase) {
    this.#videoId = videoId;
    this.#attention = { maskletId: null, frameIndex: null, tool: null, phase };
    this.#outbox = new EventOutbox(this.#sessionId, window.localStorage, sendEvents);
  }

  start(): void {
    const options = { signal: this.#ended.signal, passive: true, capture: true };
    window.addEventListener("focus", () => this.#onFocus(), options);
    window.addEventListener("blur", () => this.#onBlur(), options);
    window.addEventListener("pointerdown", () => this.#onInput("pointer"), options);
    window.addEventListener("pointermove", () => this.#onInput("pointer"), options);
    window.addEventListener("keydown", () => this.#onInput("keys"), options);
    window.addEventListener("wheel", () => this.#onInput("wheel"), options);
    window.addEventListener("pagehide", () => this.#onHide(), options);
    document.addEventListener(
      "visibilitychange",
      () => (document.visibilityState === "visible" ? this.#onFocus() : this.#onBlur()),
      options,
    );
    this.#heartbeat = window.setInterval(() => this.#beat(), HEARTBEAT_MILLISECONDS);
    this.note("open");
    this.#onFocus();
  }

  stop(): void {
    this.note("close");
    this.#clock.release();
    this.#ended.abort();
    window.clearInterval(this.#heartbeat);
    void this.#outbox.flush(true);
  }

  attend(attention: Partial<Attention>): void {
    this.#attention = { ...this.#attention, ...attention };
  }

  note(kind: ActivityKind, payload: ActivityEvent["payload"] = {}): void {
    const { maskletId, frameIndex, tool, phase } = this.#attention;
    const event: ActivityEvent = {
      event_id: crypto.randomUUID(),
      session_id: this.#sessionId,
      video_id: this.#videoId,
      // A draft has no id the server knows yet.
      masklet_id: maskletId?.startsWith("draft-") ? null : maskletId,
      frame_index: frameIndex,
      phase,
      tool,
      kind,
      client_monotonic_ms: performance.now(),
      client_time: new Date().toISOString(),
      payload,
    };
    this.#outbox.add(event);
  }

  /** A model reply is outstanding (true) or has come (false). Nested waits count once. */
  waitFor(reply: boolean): void {
    const before = this.#waiting;
    this.#waiting = Math.max(0, before + (reply ? 1 : -1));
    if (before === 0 && this.#waiting === 1) this.note("wait_begin");
    if (before === 1 && this.#waiting === 0) this.note("wait_end");
  }

  #onFocus(): void {
    if (document.visibilityState === "visible" && document.hasFocus()) this.#clock.acquire();
  }

  #onBlur(): void {
    this.#clock.release();
    void this.#outbox.flush(true);
  }

  #onClock(held: boolean): void {
    if (held === this.#counting) return;
    this.#counting = held;
    this.note(held ? "focus" : "blur");
  }

  /** The first input after a pause is an event of its own; the others are counted into the next heartbeat. */
  #onInput(what: keyof Counters): void {
    this.#counters[what]++;
    if (!this.#counting) this.#onFocus();
    if (this.#inputSinceBeat || !this.#counting) return;
    this.#inputSinceBeat = true;
    this.note("input");
  }

  #beat(): void {
    if (this.#counting) {
      const { pointer, keys, wheel } = this.#counters;
      this.note("heartbeat", { pointer, keys, wheel, had_input: this.#inputSinceBeat });
      this.#counters = { pointer: 0, keys: 0, wheel: 0 };
      this.#inputSinceBeat = false;
    }
    void this.#outbox.flush();
  }

  #onHide(): void {
    this.#clock.release();
    void this.#outbox.flush(true);
  }
}

async function sendEvents(events: readonly ActivityEvent[], keepalive: boolean): Promise<void> {
  await sendActivity(events, keepalive);
}
