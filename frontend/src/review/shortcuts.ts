import type { Shortcut, ShortcutTable } from "@/keys/shortcut";
import { REASONS } from "./queue/reviewQueue";
import type { Review } from "./useReview";

/** One key per verdict. */
export const VERDICT_SHORTCUTS = {
  satisfactory: {
    label: "Satisfactory",
    chords: ["Y"],
    once: true,
    run: (review) => review.decide("satisfactory"),
  },
  unsatisfactory: { label: "Unsatisfactory", chords: ["U"], once: true, run: (review) => review.askReason() },
  rejected: { label: "Reject object", chords: ["R"], once: true, run: (review) => review.decide("rejected") },
  skip: { label: "Skip", chords: ["S"], once: true, run: (review) => review.skip() },
  undo: { label: "Undo", chords: ["Z"], once: true, run: (review) => review.undo() },
} satisfies ShortcutTable<Review>;

interface ReasonShortcut extends Shortcut<Review> {
  /** As the server stores it. */
  readonly reason: string;
}

/** A digit marks a reason or takes it back. */
export const REASON_SHORTCUTS: readonly ReasonShortcut[] = REASONS.map((reason, index) => ({
  reason,
  label: reason,
  chords: [String(index + 1)],
  run: (review) => review.toggleReason(reason),
}));

/** Keys that send the object back with what is marked, or keep it. */
export const REMARKS_SHORTCUTS = {
  send: {
    label: "Send back",
    chords: ["Enter", "U"],
    once: true,
    run: (review) => review.decide("unsatisfactory"),
  },
  back: { label: "Cancel", chords: ["Escape"], run: (review) => review.dismissReason() },
} satisfies ShortcutTable<Review>;

/** The actions of the player that have keys. */
export interface PlayerTarget {
  readonly togglePlay: () => void;
  readonly step: (frames: number) => void;
  readonly toggleFollow: () => void;
  /** Shows the picture without its mask, or with it again. */
  readonly peek: (held: boolean) => void;
}

export const PLAYER_SHORTCUTS = {
  stepBack: { label: "Frame back", chords: ["ArrowLeft"], run: (player) => player.step(-1) },
  stepOn: { label: "Frame on", chords: ["ArrowRight"], run: (player) => player.step(1) },
  tenBack: { label: "Ten frames back", chords: ["Shift+ArrowLeft"], run: (player) => player.step(-10) },
  tenOn: { label: "Ten frames on", chords: ["Shift+ArrowRight"], run: (player) => player.step(10) },
  togglePlay: { label: "Play the loop", chords: ["Space"], run: (player) => player.togglePlay() },
  toggleFollow: { label: "Follow object", chords: ["F"], run: (player) => player.toggleFollow() },
  peek: {
    label: "Hide mask",
    chords: ["\\"],
    run: (player) => player.peek(true),
    release: (player) => player.peek(false),
  },
} satisfies ShortcutTable<PlayerTarget>;
