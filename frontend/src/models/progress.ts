/** Describes a tuning in progress. */
import type { Tuning, TuningProgress } from "@/api/types";
import { etaText } from "@/ui/numbers";

const STAGES: Readonly<Record<TuningProgress["stage"], string>> = {
  exporting: "Gathering verified masklets",
  preparing: "Cutting clips",
  "judging-old": "Judging the model of now",
  training: "Training",
  "judging-new": "Judging the new model",
};
/** Shares of the bar at which the stages begin; training takes the longest. */
const BEGINS: Readonly<Record<TuningProgress["stage"], readonly [number, number]>> = {
  exporting: [0, 0.02],
  preparing: [0.02, 0.04],
  "judging-old": [0.04, 0.14],
  training: [0.14, 0.9],
  "judging-new": [0.9, 1],
};

/** 0 to 1; null before anything is known. */
export function progressValue(progress: TuningProgress | null): number | null {
  if (progress === null) return null;
  const [from, to] = BEGINS[progress.stage];
  const share = progress.total === 0 ? 0 : Math.min(1, progress.done / progress.total);
  return from + (to - from) * share;
}

export function progressText({ state, progress }: Tuning): string {
  if (state === "queued") return "Waiting its turn: one model is tuned at a time";
  if (progress === null) return "Starting";
  const words = [STAGES[progress.stage]];
  if (progress.total > 1)
    words.push(`${progress.done} of ${progress.total}${progress.stage === "training" ? " steps" : ""}`);
  if (progress.loss !== null) words.push(`loss ${progress.loss.toFixed(3)}`);
  const left = etaText(progress.seconds_left);
  if (left !== null) words.push(left);
  return words.join(" · ");
}
