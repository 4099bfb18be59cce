import { useEffect } from "react";
import { chordOf, isTyping } from "../../keys/chord";
import { mayEdit } from "../state/barrier";
import { useSession } from "../state/context";
import type { WorkspaceSession } from "../state/session";
import { classShortcuts } from "./classes";
import { BY_CHORD, isOffered } from "./shortcuts";

/** A press of Space shorter than this plays; a longer one was for panning. */
const TAP_MILLISECONDS = 250;

/** The workspace's keys, while it is open and nobody is typing. */
export function useShortcuts(): void {
  const session = useSession();
  useEffect(() => {
    const { signal, abort } = listening();
    let spaceDown: number | null = null;
    let focusByKeys = false;
    const onDown = (event: KeyboardEvent) => {
      if (event.key === "Tab") focusByKeys = true;
      if (!listens(event)) return;
      if (event.code === "Space") {
        // Space presses what somebody went to with Tab. A click leaves the focus on its button, and then Space plays.
        if (focusByKeys && pressable(event.target) !== null) return;
        event.preventDefault();
        if (spaceDown === null) spaceDown = event.timeStamp;
        session.store.setState({ panning: true });
        return;
      }
      runShortcut(session, event);
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.code !== "Space" || spaceDown === null) return;
      const tapped = event.timeStamp - spaceDown < TAP_MILLISECONDS;
      spaceDown = null;
      session.store.setState({ panning: false });
      if (tapped) session.player.toggle();
    };
    const onPointer = () => {
      focusByKeys = false;
    };
    const onBlur = () => {
      spaceDown = null;
      session.store.setState({ panning: false });
    };
    window.addEventListener("keydown", onDown, { signal });
    window.addEventListener("keyup", onUp, { signal });
    window.addEventListener("pointerdown", onPointer, { signal, capture: true });
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

/** The button, link or other control around the target that Enter and Space press. */
function pressable(target: EventTarget | null): Element | null {
  if (!(target instanceof Element)) return null;
  return target.closest(
    "button, a[href], summary, [role=button], [role=switch], [role=checkbox], [role=menuitem]",
  );
}

function runShortcut(session: WorkspaceSession, event: KeyboardEvent): void {
  const chord = chordOf(event);
  const state = session.store.getState();
  const ofClass = mayEdit(state, state.selected)
    ? classShortcuts(state.ontology).find(({ chords }) => chords.includes(chord))
    : undefined;
  const shortcut = ofClass ?? BY_CHORD.get(chord);
  if (shortcut === undefined || !isOffered(shortcut, state)) return;
  // Enter presses a button or link that has the focus; everything else is ours.
  if (chord === "Enter" && pressable(event.target) !== null) return;
  event.preventDefault();
  if (ofClass !== undefined && event.repeat) return; // a key that is held would take the class away again
  shortcut.run(session, chord);
}
