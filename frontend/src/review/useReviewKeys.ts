import type { ShortcutTable } from "@/keys/shortcut";
import { useShortcutKeys } from "@/keys/useShortcutKeys";
import {
  PLAYER_SHORTCUTS,
  type PlayerTarget,
  REASON_SHORTCUTS,
  REMARKS_SHORTCUTS,
  VERDICT_SHORTCUTS,
} from "./shortcuts";
import type { Review } from "./useReview";

/** While a reason is asked for, its keys come before those of the verdicts. */
const REASONS_FIRST: ShortcutTable<Review> = {
  ...Object.fromEntries(REASON_SHORTCUTS.map((shortcut) => [shortcut.reason, shortcut])),
  ...VERDICT_SHORTCUTS,
  ...REMARKS_SHORTCUTS,
};

/** The keys of the verdicts, as soon as the queue has loaded. */
export function useVerdictKeys(review: Review): void {
  useShortcutKeys(review.choosingReason ? REASONS_FIRST : VERDICT_SHORTCUTS, review, isOurs);
}

export function usePlayerKeys(player: PlayerTarget): void {
  useShortcutKeys(PLAYER_SHORTCUTS, player, isOurs);
}

/** Excludes keys typed into a field or pressed with Ctrl. */
function isOurs(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest("input, select, textarea, [contenteditable], [role=dialog], [role=menu]")) return false;
  // Space and Enter press the button that has the focus.
  return !(event.key === " " || event.key === "Enter") || target?.closest("button, a") == null;
}
