import { useEffect } from "react";
import { chordOf, isTyping } from "../../keys/chord";
import { useSession } from "../state/context";
import type { WorkspaceSession } from "../state/session";
import { BY_CHORD, isOffered } from "./shortcuts";

/** A press of Space shorter than this plays; a longer one was for panning. */
const TAP_MILLISECONDS = 250;

/** The workspace's keys, while it is open and nobody is typing. */
export function useShortcuts(): void {
  const session = useSession();
  useEffect(() => {
    const { signal, abort } = listening();
    let spaceDown: number | null = null;
    const onDown = (event: KeyboardEvent) => {
      if (!listens(event)) return;
      if (event.code === "Space") {
        event.preventDefault();
        if (spaceDown === null) spaceDown = event.timeStamp;
        session.store.setState({ panning: true });
        return;
      }
      if (event.key === "Tab") cycleOnStage(session, event);
      else runShortcut(session, event);
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.code !== "Space" || spaceDown === null) return;
      const tapped = event.timeStamp - spaceDown < TAP_MILLISECONDS;
      spaceDown = null;
      session.store.setState({ panning: false });
      if (tapped) session.player.toggle();
    };
    const onBlur = () => {
      spaceDown = null;
      session.store.setState({ panning: false });
    };
    window.addEventListener("keydown", onDown, { signal });
    window.addEventListener("keyup", onUp, { signal });
    window.addEventListener("blur", onBlur, { signal });
    return abort;
  }, [session]);
}

function listening(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function listens(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || isTyping(event.target) || movesSlider(event)) return false;
  return document.querySelector("[role=dialog]") === null;
}

/** A focused slider keeps the keys it needs; after a drag it gives the focus back by itself. */
function movesSlider(event: KeyboardEvent): boolean {
  const onSlider = event.target instanceof HTMLInputElement && event.target.type === "range";
  return onSlider && (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End");
}

function runShortcut(session: WorkspaceSession, event: KeyboardEvent): void {
  const chord = chordOf(event);
  const shortcut = BY_CHORD.get(chord);
  if (shortcut === undefined || !isOffered(shortcut, session.store.getState())) return;
  // Enter on a focused button presses that button; everything else is ours.
  if (chord === "Enter" && event.target instanceof HTMLButtonElement) return;
  event.preventDefault();
  shortcut.run(session, chord);
}

/** Tab goes through the objects only while the stage has focus; elsewhere it moves the focus as ever. */
function cycleOnStage(session: WorkspaceSession, event: KeyboardEvent): void {
  const onStage = event.target instanceof HTMLElement && event.target.dataset["testid"] === "stage";
  if (!onStage || !session.selectBy(event.shiftKey ? -1 : 1)) return;
  event.preventDefault();
}
