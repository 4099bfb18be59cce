import { useEffect, useRef } from "react";
import { REASONS } from "./queue/reviewQueue";
import type { ReviewDesk } from "./useReview";

export interface PlayerKeys {
  readonly togglePlay: () => void;
  readonly step: (frames: number) => void;
  readonly toggleFollow: () => void;
  /** Held: the picture without its mask. */
  readonly peek: (held: boolean) => void;
}

/** One key per verdict, from the moment the queue is there. */
export function useVerdictKeys(desk: ReviewDesk): void {
  useKeys((event) => event.type === "keydown" && handleVerdict(event, desk));
}

export function usePlayerKeys(player: PlayerKeys): void {
  useKeys((event) => {
    if (event.type === "keyup") return event.key === "\\" && hide(player, false);
    return handlePlayer(event, player);
  });
}

/** Keys typed into a field or held with Ctrl belong to others. */
function useKeys(handle: (event: KeyboardEvent) => boolean): void {
  const latest = useRef(handle);
  latest.current = handle;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!isForSomeoneElse(event) && latest.current(event)) event.preventDefault();
    }
    window.addEventListener("keydown", onKey);
    window.addEventListener("keyup", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("keyup", onKey);
    };
  }, []);
}

function hide(player: PlayerKeys, held: boolean): boolean {
  player.peek(held);
  return true;
}

function isForSomeoneElse(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest("input, select, textarea, [contenteditable], [role=dialog], [role=menu]")) return true;
  // Space presses the button that has the focus.
  return event.key === " " && target?.closest("button, a") != null;
}

function handleVerdict(event: KeyboardEvent, desk: ReviewDesk): boolean {
  if (desk.choosingReason && handleReason(event, desk)) return true;
  if (event.repeat) return false;
  switch (event.key.toLowerCase()) {
    case "y":
      desk.decide("satisfactory");
      return true;
    case "u":
      desk.askReason();
      return true;
    case "r":
      desk.decide("rejected");
      return true;
    case "s":
      desk.skip();
      return true;
    case "z":
      desk.undo();
      return true;
    default:
      return false;
  }
}

/** A digit gives the reason and the verdict at once; U again or Enter gives it without one. */
function handleReason(event: KeyboardEvent, desk: ReviewDesk): boolean {
  const reason = REASONS[Number(event.key) - 1];
  if (reason) desk.decide("unsatisfactory", [reason]);
  else if (event.key === "Escape") desk.dismissReason();
  else if (event.key === "Enter" || (event.key.toLowerCase() === "u" && !event.repeat))
    desk.decide("unsatisfactory");
  else return false;
  return true;
}

function handlePlayer(event: KeyboardEvent, player: PlayerKeys): boolean {
  const stride = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case " ":
      player.togglePlay();
      return true;
    case "ArrowRight":
      player.step(stride);
      return true;
    case "ArrowLeft":
      player.step(-stride);
      return true;
    case "f":
      player.toggleFollow();
      return true;
    case "\\":
      return hide(player, true);
    default:
      return false;
  }
}
