import { type RefObject, useEffect, useRef } from "react";
import { useSession } from "../state/context";
import { frameAt, scrollTimeline, zoomTimeline } from "./timelineScale";
import { HEADER_WIDTH, type ScaleInHand } from "./useTimelineScale";

/** Press and drag goes to frames; the wheel zooms at the pointer, with Shift it scrolls. */
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
    const xFrom = (event: MouseEvent) => event.clientX - element.getBoundingClientRect().left - HEADER_WIDTH;
    const go = (event: PointerEvent) => session.player.seek(frameAt(latest.current, xFrom(event)));
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ) => element.addEventListener(type, listener, { signal: ended.signal, passive: false });

    on("pointerdown", (event) => {
      if (event.button !== 0 || xFrom(event) < 0 || onScrollbar(event)) return;
      scrubbing = true;
      element.setPointerCapture(event.pointerId);
      go(event);
    });
    on("pointermove", (event) => scrubbing && go(event));
    on("pointerup", () => {
      scrubbing = false;
    });
    on("pointercancel", () => {
      scrubbing = false;
    });
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
