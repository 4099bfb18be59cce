import { type ScreenPoint, screenPoint } from "@/geometry/points";
import { fit, pan, toVideo, type Viewport, zoomAt } from "@/geometry/viewport";
import type { WorkspaceSession } from "../state/session";
import type { PointerInput, Tool, ToolInHand } from "../tools/tool";
import type { StageView } from "./stageView";

/** Zooming out stops at a quarter of the fitted size. */
const SMALLEST_SHARE = 0.25;
const MIDDLE_BUTTON = 1;
const RIGHT_BUTTON = 2;

type Drag = { readonly kind: "tool" } | { readonly kind: "pan"; readonly from: ScreenPoint };

/** Turns pointer and wheel events on the stage into tool inputs, pans and zooms. */
export class StagePointer {
  readonly #session: WorkspaceSession;
  readonly #element: HTMLElement;
  readonly #view: StageView;
  readonly #ended = new AbortController();
  #tool: ToolInHand;
  #drag: Drag | null = null;

  constructor(session: WorkspaceSession, element: HTMLElement, view: StageView, tool: ToolInHand) {
    this.#session = session;
    this.#element = element;
    this.#view = view;
    this.#tool = tool;
    const { signal } = this.#ended;
    element.addEventListener("pointerdown", (event) => this.#onDown(event), { signal });
    element.addEventListener("pointermove", (event) => this.#onMove(event), { signal });
    element.addEventListener("pointerup", (event) => this.#onUp(event), { signal });
    element.addEventListener("pointercancel", () => this.cancel(), { signal });
    element.addEventListener("pointerleave", () => this.#drag === null && this.#view.pointAt(null), {
      signal,
    });
    element.addEventListener("wheel", (event) => this.#onWheel(event), { signal, passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  /** Switches to another tool; a gesture in progress is dropped. */
  use(tool: Tool): void {
    this.#tool = tool.pickUp();
    this.#drag = null;
    this.#view.hold(this.#tool);
  }

  /** Escape: true when a gesture was in progress and is now abandoned. */
  cancel(): boolean {
    const busy = this.#tool.busy;
    this.#tool.take({ type: "cancel" });
    this.#drag = null;
    this.#view.hold(this.#tool);
    return busy;
  }

  close(): void {
    this.#ended.abort();
  }

  #onDown(event: PointerEvent): void {
    if (this.#drag !== null) return;
    this.#element.focus({ preventScroll: true });
    capture(this.#element, event.pointerId);
    const at = this.#at(event);
    if (event.button === MIDDLE_BUTTON || this.#session.store.getState().panning) {
      event.preventDefault();
      this.#drag = { kind: "pan", from: at };
      this.#element.dataset["grabbing"] = "true";
      return;
    }
    this.#drag = { kind: "tool" };
    this.#feed("down", event, event.button === RIGHT_BUTTON);
  }

  #onMove(event: PointerEvent): void {
    const at = this.#at(event);
    if (this.#drag?.kind === "pan") {
      const { view, video } = this.#session.store.getState();
      if (view === null) return;
      const moved = pan(view, at.x - this.#drag.from.x, at.y - this.#drag.from.y, video, this.#view.size);
      this.#session.store.setState({ view: moved });
      this.#drag = { kind: "pan", from: at };
      return;
    }
    if (this.#drag?.kind === "tool") {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const part of events.length > 0 ? events : [event]) this.#feed("move", part, false);
    }
    this.#view.pointAt(at);
  }

  #onUp(event: PointerEvent): void {
    const drag = this.#drag;
    this.#drag = null;
    delete this.#element.dataset["grabbing"];
    if (drag?.kind === "tool") this.#feed("up", event, false);
    this.#view.pointAt(this.#at(event));
  }

  #feed(type: "down" | "move" | "up", event: PointerEvent, right: boolean): void {
    const { view } = this.#session.store.getState();
    if (view === null) return;
    const screen = this.#at(event);
    const input: PointerInput = {
      type,
      screen,
      video: toVideo(view, screen),
      negative: right || event.altKey || event.shiftKey,
      straight: event.shiftKey,
    };
    const gesture = this.#tool.take(input);
    if (gesture !== undefined) this.#session.actions.perform(gesture);
    this.#view.pointAt(screen);
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const { view, video } = this.#session.store.getState();
    if (view === null) return;
    // A pinch arrives as a wheel with Ctrl and much smaller steps.
    const speed = event.ctrlKey ? 0.01 : event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.05 : 0.0018;
    const smallest = fit(video, this.#view.size).scale * SMALLEST_SHARE;
    const zoomed: Viewport = zoomAt(view, this.#at(event), Math.exp(-event.deltaY * speed), smallest);
    this.#session.store.setState({ view: pan(zoomed, 0, 0, video, this.#view.size) });
  }

  #at(event: MouseEvent): ScreenPoint {
    const box = this.#element.getBoundingClientRect();
    return screenPoint(event.clientX - box.left, event.clientY - box.top);
  }
}

/** Keeps receiving the pointer outside the stage; a pointer already gone is no reason to fail. */
function capture(element: HTMLElement, pointerId: number): void {
  try {
    element.setPointerCapture(pointerId);
  } catch {
    // A synthetic or vanished pointer has nothing to capture.
  }
}
