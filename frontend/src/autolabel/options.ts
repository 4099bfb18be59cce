import type { AutoLabelingOptions } from "@/api/types";

/** The form as the person typed it; an empty threshold is left to the model. */
export interface SearchForm {
  readonly maxMasklets: string;
  /** Seconds between key frames; "" for the first frame only. */
  readonly every: string;
  readonly points: PointsName;
  /** Percent of the frame. */
  readonly minArea: string;
  readonly minPredictedIou: string;
  readonly minStability: string;
}

export type PointsName = "model" | "coarse" | "medium" | "fine" | "sa-v";

export const POINTS: readonly {
  readonly name: PointsName;
  readonly title: string;
  readonly grids: number[] | null;
}[] = [
  { name: "model", title: "As the model needs", grids: null },
  { name: "coarse", title: "8 × 8", grids: [8] },
  { name: "medium", title: "16 × 16", grids: [16] },
  { name: "fine", title: "32 × 32", grids: [32] },
  { name: "sa-v", title: "SA-V: 32 × 32, and crops twice", grids: [32, 16, 4] },
];

export const INITIAL_FORM: SearchForm = {
  maxMasklets: "12",
  every: "4",
  points: "model",
  minArea: "0.1",
  minPredictedIou: "",
  minStability: "",
};

/** What the server is asked; null while a field holds no number that makes sense. */
export function optionsOf(form: SearchForm): AutoLabelingOptions | null {
  const maxMasklets = numberIn(form.maxMasklets, 1, 100);
  const minArea = numberIn(form.minArea, 0, 100);
  const iou = form.minPredictedIou.trim() === "" ? null : numberIn(form.minPredictedIou, 0, 1);
  const stability = form.minStability.trim() === "" ? null : numberIn(form.minStability, 0, 1);
  if (maxMasklets === undefined || minArea === undefined || iou === undefined || stability === undefined) {
    return null;
  }
  return {
    max_masklets: Math.round(maxMasklets),
    every_seconds: form.every === "" ? null : Number(form.every),
    grids: POINTS.find(({ name }) => name === form.points)?.grids ?? null,
    min_area: minArea / 100,
    max_area: 0.5,
    min_predicted_iou: iou,
    min_stability: stability,
    clean_under: 200,
  };
}

function numberIn(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return text.trim() !== "" && value >= least && value <= most ? value : undefined;
}
