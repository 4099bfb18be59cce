import type { ShortcutTable } from "@/keys/shortcut";

/** The keys of the task queue; they act on a function that claims the next task. */
export const TASK_SHORTCUTS = {
  next: { label: "Next task", chords: ["N"], run: (claimNext) => claimNext() },
} satisfies ShortcutTable<() => void>;
