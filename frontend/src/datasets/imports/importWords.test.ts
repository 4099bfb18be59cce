import { expect, it } from "vitest";
import type { DatasetImport, ImportVideo } from "@/api/types";
import {
  attributeText,
  classText,
  contentText,
  importFacts,
  matchText,
  objectsText,
  planText,
  resultText,
  worstFirst,
} from "./importWords";

function video(changes: Partial<ImportVideo>): ImportVideo {
  return {
    key: "1",
    name: "clip.mp4",
    num_objects: 2,
    num_masks: 20,
    num_frames: 10,
    num_never_visible: 0,
    objects: ["cup", "lid"],
    video_id: "v",
    video_name: "clip.mp4",
    matched_by: "name",
    num_objects_here: 0,
    keeps_values: false,
    fault: null,
    ...changes,
  };
}

const item: DatasetImport = {
  id: "i",
  project_id: "p",
  file_name: "dataset.zip",
  size_bytes: 10,
  format: "coco",
  title: "COCO",
  state: "done",
  job: null,
  problem: null,
  num_videos: 1,
  num_objects: 2,
  num_masks: 20,
  num_made: 2,
  num_kept: 0,
  num_classes_made: 0,
  num_attributes_made: 0,
  num_without_class: 0,
  num_values_left_out: 0,
  created_at: "2026-01-01T00:00:00Z",
};

it("tells what will be made and what will be left out", () => {
  expect(planText([video({}), video({ fault: "no video here is called so" })])).toBe(
    "2 objects in 1 video will be made. 1 video of the dataset will be left out.",
  );
  expect(planText([video({ fault: "it has 40 frames there and 39 here" })])).toBe(
    "Nothing will be made. 1 video of the dataset will be left out.",
  );
});

it("tells how an import ended", () => {
  expect(importFacts(item)).toBe("2 objects imported");
  expect(importFacts({ ...item, state: "undone" })).toBe("2 objects taken back");
  expect(importFacts({ ...item, state: "undone", num_kept: 1 })).toBe(
    "Taken back but for 1 object that somebody had worked on",
  );
  expect(contentText(item)).toBe("COCO · 2 objects · 20 masks · 1 video");
});

it("names the first objects and counts the others", () => {
  expect(objectsText(video({}))).toBe("cup, lid · 20 masks");
  expect(objectsText(video({ num_objects: 5 }))).toBe("cup, lid and 3 more · 20 masks");
  expect(objectsText(video({ objects: ["", ""] }))).toBe("2 objects · 20 masks");
});

it("shows first what needs a look", () => {
  const videos = [video({ key: "a" }), video({ key: "b", fault: "x" }), video({ key: "c" })];
  expect(worstFirst(videos).map(({ key }) => key)).toEqual(["b", "a", "c"]);
});

it("tells what becomes of classes and attributes", () => {
  const made = { name: "cup", color: null, num_objects: 2, class_id: null, class_name: null, fault: null };
  expect(classText(made)).toBe("2 objects · will be made");
  expect(classText({ ...made, class_name: "cup" })).toBe("2 objects · is in the project");
  expect(classText({ ...made, class_name: "Mug" })).toBe("2 objects · is Mug in the project");
  const parts = [
    { here: null, fault: null },
    { here: "Mug", fault: null },
    { here: null, fault: "too long" },
  ];
  expect(matchText(parts)).toBe("1 new · 1 in the project · 1 left out");
  const color = { name: "colour", scope: "object", kind: "choice", num_values: 1, fault: null } as const;
  expect(attributeText({ ...color, attribute_id: "a", attribute_name: "paint", new_choices: ["red"] })).toBe(
    "said 1 time · is paint in the project and gets the choice red",
  );
  expect(resultText(item)).toBe("");
  expect(resultText({ ...item, num_classes_made: 1, num_attributes_made: 2, num_values_left_out: 3 })).toBe(
    "1 class and 2 attributes added to the project. 3 values left out.",
  );
});
