import { useEffect, useRef } from "react";
import { chordOf } from "./chord";
import { byChord, type ShortcutTable } from "./shortcut";

/**
 * Runs a table's shortcuts on key presses anywhere in the window while the component is mounted, except those that
 * `isOurs` leaves to others. Shift makes no other key unless the table has it.
 */
export function useShortcutKeys<Target>(
  table: ShortcutTable<Target>,
  target: Target,
  isOurs: (event: KeyboardEvent) => boolean,
): void {
  const latest = useRef({ table, target, isOurs });
  latest.current = { table, target, isOurs };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { table, target, isOurs } = latest.current;
      if (isOurs(event) && handle(table, target, event)) event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("keyup", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("keyup", onKey);
    };
  }, []);
}

function handle<Target>(table: ShortcutTable<Target>, target: Target, event: KeyboardEvent): boolean {
  const chord = chordOf(event);
  const shortcuts = byChord(Object.values(table));
  const shortcut = shortcuts.get(chord) ?? shortcuts.get(chord.replace("Shift+", ""));
  if (shortcut === undefined) return false;
  if (event.type === "keyup") {
    shortcut.release?.(target);
    return shortcut.release !== undefined;
  }
  if (shortcut.once === true && event.repeat) return false;
  shortcut.run(target, chord);
  return true;
}
