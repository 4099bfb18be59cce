import type { Video } from "@/api/types";

export type VideoStage = "all" | "ingesting" | "failed" | "empty" | "annotated" | "verified";

export const STAGE_LABELS: Readonly<Record<VideoStage, string>> = {
  all: "All",
  ingesting: "Ingesting",
  failed: "Failed",
  empty: "Not started",
  annotated: "To verify",
  verified: "Verified",
};

/** Where a video is on its way from upload to verified. */
export function stageOf(video: Video): Exclude<VideoStage, "all"> {
  if (video.state !== "ready") return video.state;
  if (video.num_masklets === 0) return "empty";
  return video.num_verified >= video.num_masklets ? "verified" : "annotated";
}

export function filterVideos(videos: readonly Video[], stage: VideoStage, text: string): readonly Video[] {
  const wanted = text.trim().toLowerCase();
  return videos.filter(
    (video) =>
      (stage === "all" || stageOf(video) === stage) &&
      (wanted === "" || video.name.toLowerCase().includes(wanted)),
  );
}

/** The stages that get a chip: those with at least one video. */
export function stageCounts(videos: readonly Video[]): ReadonlyMap<VideoStage, number> {
  const counts = new Map<VideoStage, number>([["all", videos.length]]);
  for (const stage of ["ingesting", "failed", "empty", "annotated", "verified"] as const) {
    const count = videos.filter((video) => stageOf(video) === stage).length;
    if (count > 0) counts.set(stage, count);
  }
  return counts;
}
