import type { ShortcutTable } from "@/keys/shortcut";
import { usePalette } from "./palette";

/** The keys that work on every page. */
export const APP_SHORTCUTS = {
  search: {
    label: "Go to anything",
    chords: ["Ctrl+K"],
    run: () => usePalette.getState().setOpen(!usePalette.getState().open),
  },
} satisfies ShortcutTable<null>;
