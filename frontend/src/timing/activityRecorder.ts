import { type Stamp, sendActivity } from "@/api/annotation";
import { actingAs } from "@/api/person";
import type { ActivityEvent, ActivityKind, Id, Phase } from "@/api/types";
import { EventOutbox } from "./eventOutbox";
import { SoleClock } from "./soleClock";

const HEARTBEAT_MILLISECONDS = 5000;

/** The object, frame and tool in use; stamped on every event. */
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
  #lastInput: number | null = null; // on the monotonic clock; null: none since the last heartbeat
  #lastMoment = 0;
  #lastNoted = 0; // by the wall clock
  #counting = false;
  #waiting = 0;
  #heartbeat = 0;

  constructor(videoId: Id, phase: Phase) {
    this.#videoId = videoId;
    this.#attention = { maskletId: null, frameIndex: null, tool: null, phase };
    const owner = { person: actingAs() ?? "", session: this.#sessionId };
    this.#outbox = new EventOutbox(owner, window.localStorage, (events, keepalive) =>
      sendActivity(events, this.#stamp(), keepalive),
    );
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

  /** Time goes to another object from the moment it is selected, not from the next heartbeat on. */
  attend(attention: Partial<Attention>): void {
    const before = this.#attention.maskletId;
    this.#attention = { ...this.#attention, ...attention };
    if (this.#counting && this.#attention.maskletId !== before) this.note("heartbeat");
  }

  note(kind: ActivityKind, payload: ActivityEvent["payload"] = {}): void {
    // Nobody looks: a frame that changes in a page without focus (another's undo, say) is nobody's reviewing.
    if (!this.#counting && (kind === "play" || kind === "step")) return;
    const { maskletId, frameIndex, tool, phase } = this.#attention;
    const event: ActivityEvent = {
      event_id: crypto.randomUUID(),
      ...this.#stamp(),
      video_id: this.#videoId,
      // A draft has no id the server knows yet.
      masklet_id: maskletId?.startsWith("draft-") ? null : maskletId,
      frame_index: frameIndex,
      phase,
      tool,
      kind,
      payload,
    };
    this.#lastNoted = Date.now();
    this.#outbox.add(event);
  }

  /** Whether an answer of the model is outstanding. Nested waits count once. */
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
    if (!this.#counting) return;
    // After a sleep the heartbeats were silent, though the monotonic clock may not know of it.
    const silent = Date.now() - this.#lastNoted > 2 * HEARTBEAT_MILLISECONDS;
    const tells = this.#lastInput === null || silent;
    this.#lastInput = performance.now();
    if (tells) this.note("input");
  }

  #beat(): void {
    if (this.#counting) {
      const { pointer, keys, wheel } = this.#counters;
      const input_age_ms = this.#lastInput === null ? null : performance.now() - this.#lastInput;
      this.note("heartbeat", { pointer, keys, wheel, had_input: input_age_ms !== null, input_age_ms });
      this.#counters = { pointer: 0, keys: 0, wheel: 0 };
      this.#lastInput = null;
    }
    void this.#outbox.flush();
  }

  /** Both clocks, now. No two moments of a recording are the same, so that its events have one order. */
  #stamp(): Stamp {
    this.#lastMoment = Math.max(performance.now(), this.#lastMoment + 0.001);
    return {
      session_id: this.#sessionId,
      client_monotonic_ms: this.#lastMoment,
      client_time: new Date().toISOString(),
    };
  }

  #onHide(): void {
    this.#clock.release();
    void this.#outbox.flush(true);
  }
}
