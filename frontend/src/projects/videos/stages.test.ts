import { expect, it } from "vitest";
import type { Video } from "@/api/types";
import { filterVideos, stageCounts, stageOf } from "./stages";

function makeVideo(changes: Partial<Video>): Video {
  const none = { num_masklets: 0, num_verified: 0, num_annotating: 0, num_to_verify: 0, num_to_refine: 0 };
  const base = { id: "v", name: "clip.mp4", state: "ready", rejected_reason: null, ...none };
  return { ...base, ...changes } as Video;
}

it("a video is to verify only while one of its masklets waits for a verdict and none is elsewhere", () => {
  expect(stageOf(makeVideo({ num_masklets: 2, num_to_verify: 1 }))).toBe("annotated");
  expect(stageOf(makeVideo({ num_masklets: 2, num_to_verify: 1, num_to_refine: 1 }))).toBe("refining");
  expect(stageOf(makeVideo({ num_masklets: 2, num_to_verify: 1, num_annotating: 1 }))).toBe("annotating");
});

it("a video is verified when every masklet is accepted or rejected", () => {
  expect(stageOf(makeVideo({ num_masklets: 2, num_verified: 1 }))).toBe("verified");
});

it("a video without masklets is not verified", () => {
  expect(stageOf(makeVideo({}))).toBe("empty");
});

it("filters by stage and by any part of the name, whatever the case", () => {
  const videos = [makeVideo({ name: "Kitchen.MP4" }), makeVideo({ name: "kitchen2.mp4", state: "failed" })];
  expect(filterVideos(videos, "all", " KITCHEN ")).toHaveLength(2);
  expect(filterVideos(videos, "failed", "kitchen").map((video) => video.name)).toEqual(["kitchen2.mp4"]);
});

it("stages nobody is in get no chip", () => {
  const counts = stageCounts([makeVideo({}), makeVideo({ state: "ingesting" })]);
  expect([...counts]).toEqual([
    ["all", 2],
    ["ingesting", 1],
    ["empty", 1],
  ]);
});
