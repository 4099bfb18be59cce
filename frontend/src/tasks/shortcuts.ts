import type { ShortcutTable } from "@/keys/shortcut";

/** The keys of the page of tasks; what they act on is the claim of the next task. */
export const TASK_SHORTCUTS = {
  next: { label: "Next task", chords: ["N"], run: (claimNext) => claimNext() },
} satisfies ShortcutTable<() => void>;
