import type { WorkspaceShortcuts } from "./shortcut";

const BRUSH_STEP = 1.2;

/** Prompts, masks, propagation, history. */
export const EDITS = {
  swapBrush: {
    group: "Prompt and paint",
    chords: ["X"],
    needs: "eraser",
    label: "Swap brush and eraser",
    run: (s) => s.view.swapBrush(),
  },
  smallerBrush: {
    group: "Prompt and paint",
    chords: ["["],
    needs: "brush",
    label: "Smaller brush",
    run: (s) => s.view.scaleBrush(1 / BRUSH_STEP),
  },
  largerBrush: {
    group: "Prompt and paint",
    chords: ["]"],
    needs: "brush",
    label: "Larger brush",
    run: (s) => s.view.scaleBrush(BRUSH_STEP),
  },
  removeLastPoint: {
    group: "Prompt and paint",
    chords: ["Backspace"],
    needs: "point",
    label: "Remove the last point",
    run: ({ actions }) => actions.removeLastPoint(),
  },
  nextCandidate: {
    group: "Prompt and paint",
    chords: ["C"],
    needs: "point",
    label: "Next candidate for a lone click: part, object, group",
    run: ({ actions }) => actions.cycleCandidate(1),
  },
  previousCandidate: {
    group: "Prompt and paint",
    chords: ["Shift+C"],
    needs: "point",
    label: "Previous candidate",
    run: ({ actions }) => actions.cycleCandidate(-1),
  },
  clearFrame: {
    group: "Prompt and paint",
    chords: ["Delete"],
    label: "Clear this frame",
    run: ({ actions }) => actions.clearFrame(),
  },
  markAbsent: {
    group: "Prompt and paint",
    chords: ["A"],
    label: "The object is absent here",
    run: ({ actions }) => actions.markAbsent(),
  },
  toggleLock: {
    group: "Prompt and paint",
    chords: ["Q"],
    label: "Lock or unlock this frame, or the marked range",
    run: ({ actions }) => actions.toggleLock(),
  },
  propagate: {
    group: "Propagate",
    chords: ["T"],
    needs: "propagate",
    label: "Propagate both ways, up to locked frames",
    run: ({ actions }) => actions.propagate("both"),
  },
  propagateForward: {
    group: "Propagate",
    chords: [">"],
    needs: "propagate",
    label: "Propagate forward",
    run: ({ actions }) => actions.propagate("forward"),
  },
  propagateBackward: {
    group: "Propagate",
    chords: ["<"],
    needs: "propagate",
    label: "Propagate backward",
    run: ({ actions }) => actions.propagate("backward"),
  },
  escape: {
    group: "History",
    chords: ["Escape"],
    label: "Abandon, stop what runs, then deselect",
    run: (s) => s.escape(),
  },
  undo: {
    group: "History",
    chords: ["Ctrl+Z"],
    label: "Undo",
    run: ({ actions }) => actions.step("undo"),
  },
  redo: {
    group: "History",
    chords: ["Ctrl+Shift+Z", "Ctrl+Y"],
    label: "Redo",
    run: ({ actions }) => actions.step("redo"),
  },
} satisfies WorkspaceShortcuts;
