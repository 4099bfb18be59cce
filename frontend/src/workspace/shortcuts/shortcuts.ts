import { byChord } from "@/keys/shortcut";
import { shownObjects } from "../classes/shownObjects";
import { allows } from "../state/phaseBook";
import { TOOLS } from "../tools/registry";
import { EDITS } from "./edits";
import { MOTION } from "./motion";
import type { WorkspaceShortcut, WorkspaceShortcuts } from "./shortcut";

const OBJECTS = {
  newObject: {
    group: "Objects",
    chords: ["N"],
    label: "New object",
    run: ({ actions }) => actions.newObject(),
  },
  pickObject: {
    group: "Objects",
    chords: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: "1 … 9",
    label: "Pick an object",
    run: (session, chord) => {
      const picked = shownObjects(session.store.getState())[Number(chord) - 1];
      if (picked !== undefined) session.actions.select(picked.key);
    },
  },
  previousObject: {
    group: "Objects",
    chords: ["ArrowUp"],
    label: "Previous object",
    run: (s) => s.selectBy(-1),
  },
  nextObject: { group: "Objects", chords: ["ArrowDown"], label: "Next object", run: (s) => s.selectBy(1) },
  finishObject: {
    group: "Objects",
    chords: ["Enter"],
    label: "Finish the object",
    run: ({ actions }) => actions.select(null),
  },
  toggleHidden: {
    group: "Objects",
    chords: ["H"],
    label: "Hide or show the object",
    run: (s) => s.view.toggleHidden(),
  },
  togglePeek: {
    group: "Objects",
    chords: ["Shift+H"],
    label: "Hide or show everything",
    run: (s) => s.view.togglePeek(),
  },
} satisfies WorkspaceShortcuts;

const VIEW = {
  cycleOverlay: {
    group: "View",
    chords: ["M"],
    label: "Overlay: fill, contour, both",
    run: (s) => s.view.cycleOverlay(),
  },
  toggleColorBy: {
    group: "View",
    chords: ["Shift+M"],
    label: "Colour by object or by class",
    run: (s) => s.view.toggleColorBy(),
  },
  fit: { group: "View", chords: ["Shift+1"], label: "Fit the video", run: (s) => s.view.fit() },
  zoomToObject: {
    group: "View",
    chords: ["Shift+2"],
    label: "Zoom to the object",
    run: (s) => s.view.zoomToObject(),
  },
  actualSize: { group: "View", chords: ["Shift+0"], label: "Zoom to 100 %", run: (s) => s.view.actualSize() },
  save: { group: "View", chords: ["Ctrl+S"], label: "Everything is saved", run: (s) => s.view.pulseSaved() },
  openSheet: { group: "View", chords: ["?"], label: "This sheet", run: (s) => s.view.openSheet(true) },
} satisfies WorkspaceShortcuts;

/** Every key of the workspace by what it does, except those of the tools. */
export const SHORTCUTS = { ...MOTION, ...OBJECTS, ...EDITS, ...VIEW };

const toolShortcuts: readonly WorkspaceShortcut[] = TOOLS.map(({ id, label, chords, phaseTool }) => ({
  group: "Prompt and paint",
  label,
  chords,
  ...(phaseTool === null ? {} : { needs: phaseTool }),
  run: ({ view }) => view.takeTool(id),
}));

/** All of them, in the order of the sheet. */
export const ALL_SHORTCUTS: readonly WorkspaceShortcut[] = [
  ...Object.values(MOTION),
  ...Object.values(OBJECTS),
  ...toolShortcuts,
  ...Object.values(EDITS),
  ...Object.values(VIEW),
];

export const BY_CHORD = byChord(ALL_SHORTCUTS);

/** Whether a shortcut means anything in the phase of what is in hand. */
export function isOffered(shortcut: WorkspaceShortcut, state: Parameters<typeof allows>[0]): boolean {
  return shortcut.needs === undefined || allows(state, shortcut.needs);
}
