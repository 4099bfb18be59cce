import type { Video } from "@/api/types";

export type VideoStage =
  | "all"
  | "ingesting"
  | "failed"
  | "rejected"
  | "empty"
  | "annotating"
  | "refining"
  | "annotated"
  | "verified";

export const STAGE_LABELS: Readonly<Record<VideoStage, string>> = {
  all: "All",
  ingesting: "Ingesting",
  failed: "Failed",
  rejected: "Rejected",
  empty: "Not started",
  annotating: "In work",
  refining: "Sent back",
  annotated: "To verify",
  verified: "Verified",
};

/** Where a video is on its way from upload to verified: at the masklet that has the longest way to go. */
export function stageOf(video: Video): Exclude<VideoStage, "all"> {
  if (video.state !== "ready") return video.state;
  if (video.rejected_reason !== null) return "rejected";
  if (video.num_masklets === 0) return "empty";
  if (video.num_annotating > 0) return "annotating";
  if (video.num_to_refine > 0) return "refining";
  return video.num_to_verify > 0 ? "annotated" : "verified";
}

export function filterVideos(videos: readonly Video[], stage: VideoStage, text: string): readonly Video[] {
  const wanted = text.trim().toLowerCase();
  return videos.filter(
    (video) =>
      (stage === "all" || stageOf(video) === stage) &&
      (wanted === "" || video.name.toLowerCase().includes(wanted)),
  );
}

const STAGES = [
  "ingesting",
  "failed",
  "rejected",
  "empty",
  "annotating",
  "refining",
  "annotated",
  "verified",
] as const;

/** The stages that get a chip: those with at least one video. */
export function stageCounts(videos: readonly Video[]): ReadonlyMap<VideoStage, number> {
  const counts = new Map<VideoStage, number>([["all", videos.length]]);
  for (const stage of STAGES) {
    const count = videos.filter((video) => stageOf(video) === stage).length;
    if (count > 0) counts.set(stage, count);
  }
  return counts;
}
