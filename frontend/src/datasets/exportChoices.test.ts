import { expect, it } from "vitest";
import type { ExportFormat } from "@/api/types";
import { choiceWords, takenBy, USUAL } from "./exportChoices";

const palette: ExportFormat = {
  name: "davis",
  title: "DAVIS",
  loses: "Overlaps.",
  every_frame: true,
  frames: ["jpeg", "png", "video", "none"],
  holds_overlaps: false,
};
const sav: ExportFormat = {
  ...palette,
  name: "sa_v",
  every_frame: false,
  frames: ["video", "none"],
  holds_overlaps: true,
};

it("sends a format only what it can take", () => {
  const choices = { ...USUAL, every_frame: true, frames: "png", overlaps: "smaller_on_top" } as const;
  expect(takenBy(palette, choices)).toEqual({ ...choices, format: "davis" });
  expect(takenBy(sav, choices)).toEqual({ ...USUAL, format: "sa_v" });
  expect(takenBy(sav, { ...choices, frames: "none" }).frames).toBe("none");
});

it("tells what sets an export apart", () => {
  expect(choiceWords(USUAL, palette)).toEqual([]);
  expect(choiceWords({ ...USUAL, frames: "jpeg", overlaps: "later_on_top" }, palette)).toEqual([]);
  const all = {
    ...USUAL,
    video_ids: ["a", "b"],
    splits: ["val"],
    origins: ["auto"],
    classes: ["car", null],
    frames: "none",
    overlaps: "refuse",
    empty_objects: true,
  } as const;
  const lists = {
    video_ids: ["a", "b"],
    splits: ["val"],
    origins: ["auto" as const],
    classes: ["car", null],
  };
  expect(choiceWords({ ...all, ...lists }, palette)).toEqual([
    "2 videos",
    "val",
    "2 classes",
    "made by the model alone",
    "no frames",
    "do not export, and say where",
    "empty objects too",
  ]);
  expect(choiceWords({ ...USUAL, origins: ["manual"], frames: "png" }, palette)).toEqual([
    "people's objects",
    "frames as PNG",
  ]);
});
