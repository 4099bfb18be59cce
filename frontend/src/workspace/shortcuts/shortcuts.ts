import type { PhaseTool } from "@/api/types";
import { allows } from "../state/phaseBook";
import { listedObjects } from "../state/selectors";
import type { WorkspaceSession } from "../state/session";
import { editingShortcuts } from "./editing";
import { movingShortcuts } from "./moving";

export type ShortcutGroup = "Move" | "Objects" | "Prompt and paint" | "Propagate" | "History" | "View";

export interface Shortcut {
  readonly group: ShortcutGroup;
  readonly chords: readonly string[];
  /** As the sheet shows it; the first chord unless given. */
  readonly shown?: string;
  readonly label: string;
  /** The tool of a phase it belongs to: where the phase does not have that, the key does nothing and is not shown. */
  readonly needs?: PhaseTool;
  readonly run: (session: WorkspaceSession, chord: string) => void;
}

const objectShortcuts: readonly Shortcut[] = [
  { group: "Objects", chords: ["N"], label: "New object", run: ({ actions }) => actions.newObject() },
  {
    group: "Objects",
    chords: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1 … 9",
    label: "Pick an object",
    run: (session, chord) => {
      const picked = listedObjects(session.store.getState())[Number(chord) - 1];
      if (picked !== undefined) session.actions.select(picked.key);
    },
  },
  { group: "Objects", chords: ["ArrowUp"], shown: "↑", label: "Previous object", run: (s) => s.selectBy(-1) },
  { group: "Objects", chords: ["ArrowDown"], shown: "↓", label: "Next object", run: (s) => s.selectBy(1) },
  {
    group: "Objects",
    chords: ["Enter"],
    label: "Finish the object",
    run: ({ actions }) => actions.select(null),
  },
  { group: "Objects", chords: ["H"], label: "Hide or show the object", run: (s) => s.view.toggleHidden() },
  {
    group: "Objects",
    chords: ["Shift+H"],
    label: "Hide or show everything",
    run: (s) => s.view.togglePeek(),
  },
];

const viewShortcuts: readonly Shortcut[] = [
  { group: "View", chords: ["M"], label: "Overlay: fill, contour, both", run: (s) => s.view.cycleOverlay() },
  { group: "View", chords: ["Shift+1"], label: "Fit the video", run: (s) => s.view.fit() },
  { group: "View", chords: ["Shift+2"], label: "Zoom to the object", run: (s) => s.view.zoomToObject() },
  { group: "View", chords: ["Shift+0"], label: "Zoom to 100 %", run: (s) => s.view.actualSize() },
  { group: "View", chords: ["Ctrl+S"], label: "Everything is saved", run: (s) => s.view.pulseSaved() },
  { group: "View", chords: ["?"], label: "This sheet", run: (s) => s.view.openSheet(true) },
];

/** Every shortcut of the workspace; the sheet is drawn from the same list. */
export const SHORTCUTS: readonly Shortcut[] = [
  ...movingShortcuts,
  ...objectShortcuts,
  ...editingShortcuts,
  ...viewShortcuts,
];

export const BY_CHORD: ReadonlyMap<string, Shortcut> = new Map(
  SHORTCUTS.flatMap((shortcut) => shortcut.chords.map((chord) => [chord, shortcut] as const)),
);

/** Whether a shortcut means anything in the phase of what is in hand. */
export function isOffered(shortcut: Shortcut, state: Parameters<typeof allows>[0]): boolean {
  return shortcut.needs === undefined || allows(state, shortcut.needs);
}
