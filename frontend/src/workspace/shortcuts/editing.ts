import type { Shortcut } from "./shortcuts";

const BRUSH_STEP = 1.2;

/** Tools, prompts, propagation, history. */
export const editingShortcuts: readonly Shortcut[] = [
  { group: "Prompt and paint", chords: ["V"], label: "Select", run: (s) => s.view.takeTool("select") },
  {
    group: "Prompt and paint",
    chords: ["P"],
    label: "Point: left adds, right, Alt or Shift removes; drag a box",
    run: (s) => s.view.takeTool("point"),
  },
  { group: "Prompt and paint", chords: ["R"], label: "Box", run: (s) => s.view.takeTool("box") },
  {
    group: "Prompt and paint",
    chords: ["B"],
    label: "Brush; Shift paints straight, right button erases",
    run: (s) => s.view.takeTool("brush"),
  },
  { group: "Prompt and paint", chords: ["E"], label: "Eraser", run: (s) => s.view.takeTool("eraser") },
  {
    group: "Prompt and paint",
    chords: ["X"],
    label: "Swap brush and eraser",
    run: (s) => s.view.swapBrush(),
  },
  {
    group: "Prompt and paint",
    chords: ["["],
    label: "Smaller brush",
    run: (s) => s.view.scaleBrush(1 / BRUSH_STEP),
  },
  {
    group: "Prompt and paint",
    chords: ["]"],
    label: "Larger brush",
    run: (s) => s.view.scaleBrush(BRUSH_STEP),
  },
  {
    group: "Prompt and paint",
    chords: ["Backspace"],
    label: "Remove the last point",
    run: ({ actions }) => actions.removeLastPoint(),
  },
  {
    group: "Prompt and paint",
    chords: ["C"],
    label: "Next reading of a lone click: part, object, group",
    run: ({ actions }) => actions.cycleReading(1),
  },
  {
    group: "Prompt and paint",
    chords: ["Shift+C"],
    label: "Previous reading",
    run: ({ actions }) => actions.cycleReading(-1),
  },
  {
    group: "Prompt and paint",
    chords: ["Delete"],
    label: "Clear this frame",
    run: ({ actions }) => actions.clearFrame(),
  },
  {
    group: "Prompt and paint",
    chords: ["A"],
    label: "The object is absent here",
    run: ({ actions }) => actions.markAbsent(),
  },
  {
    group: "Propagate and history",
    chords: ["T"],
    label: "Propagate both ways from here",
    run: ({ actions }) => actions.propagate("both"),
  },
  {
    group: "Propagate and history",
    chords: [">"],
    label: "Propagate forward",
    run: ({ actions }) => actions.propagate("forward"),
  },
  {
    group: "Propagate and history",
    chords: ["<"],
    label: "Propagate backward",
    run: ({ actions }) => actions.propagate("backward"),
  },
  {
    group: "Propagate and history",
    chords: ["Escape"],
    shown: "Esc",
    label: "Abandon, stop propagation, then deselect",
    run: (s) => s.escape(),
  },
  {
    group: "Propagate and history",
    chords: ["Ctrl+Z"],
    label: "Undo",
    run: ({ actions }) => actions.step("undo"),
  },
  {
    group: "Propagate and history",
    chords: ["Ctrl+Shift+Z", "Ctrl+Y"],
    label: "Redo",
    run: ({ actions }) => actions.step("redo"),
  },
];
