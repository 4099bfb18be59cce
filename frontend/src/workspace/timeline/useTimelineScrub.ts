import { type RefObject, useEffect, useRef } from "react";
import { useSession } from "../state/context";
import { frameAt, rangeBetween, scrollTimeline, zoomTimeline } from "./timelineScale";
import { HEADER_WIDTH, type ScaleInHand } from "./useTimelineScale";

/** Dragging seeks, with Shift it marks a range; the wheel zooms at the pointer, with Shift it scrolls. */
export function useTimelineScrub(tracks: RefObject<HTMLDivElement | null>, scale: ScaleInHand): void {
  const session = useSession();
  const latest = useRef(scale.current);
  latest.current = scale.current;
  const { change } = scale;

  useEffect(() => {
    const element = tracks.current;
    if (element === null) return;
    const ended = new AbortController();
    let scrubbing = false;
    let markedFrom: number | null = null;
    const xFrom = (event: MouseEvent) => event.clientX - element.getBoundingClientRect().left - HEADER_WIDTH;
    const go = (event: PointerEvent) => session.player.seek(frameAt(latest.current, xFrom(event)));
    const mark = (event: PointerEvent, from: number) =>
      session.store.setState({ range: rangeBetween(from, frameAt(latest.current, xFrom(event))) });
    const end = () => {
      scrubbing = false;
      markedFrom = null;
    };
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ) => element.addEventListener(type, listener, { signal: ended.signal, passive: false });

    on("pointerdown", (event) => {
      if (event.button !== 0 || xFrom(event) < 0 || onScrollbar(event) || onControl(event)) return;
      element.setPointerCapture(event.pointerId);
      if (event.shiftKey) {
        markedFrom = frameAt(latest.current, xFrom(event));
        mark(event, markedFrom);
        return;
      }
      scrubbing = true;
      session.store.setState({ range: null });
      go(event);
    });
    on("pointermove", (event) => {
      if (scrubbing) go(event);
      else if (markedFrom !== null) mark(event, markedFrom);
    });
    on("pointerup", end);
    on("pointercancel", end);
    on("wheel", (event) => {
      if (xFrom(event) < 0) return;
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        change((known) => scrollTimeline(known, sideways));
      } else {
        change((known) => zoomTimeline(known, xFrom(event), Math.exp(-event.deltaY * 0.002)));
      }
    });
    return () => ended.abort();
  }, [session, tracks, change]);
}

/** A press on the lanes' scrollbar scrolls them; it does not scrub. */
function onScrollbar(event: PointerEvent): boolean {
  const target = event.target as HTMLElement;
  return target.clientWidth > 0 && event.offsetX > target.clientWidth;
}

/** The marked range has buttons of its own. */
function onControl(event: PointerEvent): boolean {
  return event.target instanceof Element && event.target.closest("[data-range-actions]") !== null;
}
