/** Compares the old and the new model on held-out videos. */
import type { Comparison } from "@/api/types";

const NAMES: Readonly<Record<string, string>> = {
  "J&F, mask": "J&F from a mask",
  "J&F, clicks:3": "J&F from 3 clicks",
  "image IoU, clicks:1": "IoU on single frames, 1 click",
  "image IoU, clicks:3": "IoU on single frames, 3 clicks",
  "corrective clicks": "Clicks to annotate an object",
};
/** Smaller differences are not worth a colour: percent points, or clicks. */
const NOTICEABLE = { more: 0.5, fewer: 0.25 } as const;

export type ComparisonOutcome = "better" | "worse" | "same";

export interface Judged {
  readonly name: string;
  readonly old: string;
  readonly new: string;
  readonly difference: string;
  readonly outcome: ComparisonOutcome;
}

export function judged({ measure, old, new: now, better }: Comparison): Judged {
  const digits = better === "fewer" ? 2 : 1;
  const difference = now - old;
  const gain = better === "fewer" ? -difference : difference;
  const outcome = Math.abs(gain) < NOTICEABLE[better] ? "same" : gain > 0 ? "better" : "worse";
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  return {
    name: NAMES[measure] ?? measure,
    old: old.toFixed(digits),
    new: now.toFixed(digits),
    difference: `${sign}${Math.abs(difference).toFixed(digits)}`,
    outcome,
  };
}

/** Summarises a comparison without a recommendation. */
export function summary(comparison: readonly Comparison[]): string {
  const count = (wanted: ComparisonOutcome) =>
    comparison.filter((each) => judged(each).outcome === wanted).length;
  const [better, worse] = [count("better"), count("worse")];
  if (better === 0 && worse === 0) return "No measure differs noticeably.";
  if (worse === 0) return `Better in ${better} of ${comparison.length} measures, worse in none.`;
  if (better === 0) return `Worse in ${worse} of ${comparison.length} measures, better in none.`;
  return `Better in ${better}, worse in ${worse} of ${comparison.length} measures.`;
}
