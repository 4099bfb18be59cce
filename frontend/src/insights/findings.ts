import type { Phase, PhaseRow } from "@/api/types";

export const PHASE_NAMES: Record<Phase, string> = {
  sam_per_frame: "1 SAM per frame",
  sam_plus_sam2_mask: "2 SAM + SAM 2 Mask",
  sam2: "3 SAM 2",
};

/** The phase table in a sentence: the fastest phase, and how much faster it is than the slowest. */
export function speedFinding(rows: readonly PhaseRow[]): string {
  const timed = rows.flatMap(({ phase, seconds_per_frame: { value } }) =>
    value === null ? [] : [{ phase, value }],
  );
  const sorted = timed.toSorted((a, b) => a.value - b.value);
  const [fastest, slowest] = [sorted[0], sorted.at(-1)];
  if (fastest === undefined || slowest === undefined) return "No masklet has annotation time yet";
  const name = `Phase ${PHASE_NAMES[fastest.phase]}`;
  if (fastest === slowest) return `${name} takes ${fastest.value.toFixed(1)} s per frame`;
  const times = (slowest.value / fastest.value).toFixed(1);
  return `${name} is ${times} times as fast as phase ${PHASE_NAMES[slowest.phase]}`;
}
