import type { DatasetExport, ExportFormat, NewExport } from "@/api/types";
import { countText } from "@/ui/numbers";

export type Frames = ExportFormat["frames"][number];
export type Overlaps = NonNullable<DatasetExport["overlaps"]>;

/** What an export was asked to hold, and how. */
type Asked = Pick<
  DatasetExport,
  | "only_satisfactory"
  | "every_frame"
  | "video_ids"
  | "splits"
  | "origins"
  | "classes"
  | "empty_objects"
  | "frames"
  | "overlaps"
>;

export type Choices = Required<Asked>;

export const USUAL: Choices = {
  only_satisfactory: true,
  every_frame: false,
  video_ids: null,
  splits: null,
  origins: null,
  classes: null,
  empty_objects: false,
  frames: null,
  overlaps: null,
};

export const FRAMES_WORDS: Readonly<Record<Frames, string>> = {
  jpeg: "JPEG pictures, compressed again",
  png: "PNG pictures, exact but large",
  video: "The video as it is",
  none: "None",
};

export const OVERLAPS_WORDS: Readonly<Record<Overlaps, string>> = {
  later_on_top: "The later object on top",
  earlier_on_top: "The earlier object on top",
  smaller_on_top: "The smaller object on top",
  refuse: "Do not export, and say where",
};

/** The choices as this format can take them: what it has no use for is left at its usual. */
export function takenBy(format: ExportFormat, choices: Choices): Choices & NewExport {
  const frames = choices.frames && format.frames.includes(choices.frames) ? choices.frames : null;
  return {
    ...choices,
    format: format.name,
    every_frame: choices.every_frame && format.every_frame,
    frames,
    overlaps: format.holds_overlaps ? null : choices.overlaps,
  };
}

/** What sets an export apart from the usual one, but for the verdicts and frames that it takes. */
export function choiceWords(choices: Asked, format: ExportFormat | undefined): readonly string[] {
  const { video_ids, splits, origins, classes, frames, overlaps } = choices;
  const words = [
    video_ids && countText(video_ids.length, "video"),
    splits?.join(", "),
    classes && classesText(classes.length),
    origins?.length === 1 && (origins[0] === "auto" ? "made by the model alone" : "people's objects"),
    frames && frames !== format?.frames[0] && framesWords(frames),
    overlaps && overlaps !== "later_on_top" && OVERLAPS_WORDS[overlaps].toLowerCase(),
    choices.empty_objects && "empty objects too",
  ];
  return words.filter((each): each is string => typeof each === "string");
}

/** Objects without one are a class here, too. */
export function classesText(count: number): string {
  return `${count} ${count === 1 ? "class" : "classes"}`;
}

function framesWords(frames: Frames): string {
  if (frames === "none") return "no frames";
  return frames === "video" ? "frames as video" : `frames as ${frames.toUpperCase()}`;
}
