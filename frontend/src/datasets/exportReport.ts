import { countText } from "@/ui/numbers";

type Report = Readonly<Record<string, unknown>>;

/** What a finished dataset contains besides videos and masklets. */
export function contentFacts(report: Report | null): readonly string[] {
  return [
    countOf(report, "num_annotated_frames", "annotated frame"),
    countOf(report, "num_masks", "mask"),
  ].flat();
}

/** What is missing from a dataset. */
export function gapFacts(report: Report | null): readonly string[] {
  const unknown = countOf(report, "num_unknown", "untracked frame").map((count) => `${count} read as absent`);
  const leftOut = Object.entries((report?.["left_out"] ?? {}) as Report).map(
    ([reason, count]) => `${String(count)} × ${reason.replaceAll("_", " ")}`,
  );
  const all = [...unknown, ...lossFacts((report?.["lost"] ?? null) as Report | null)];
  return leftOut.length > 0 ? [...all, `left out: ${leftOut.join(", ")}`] : all;
}

/** What the format could not hold of objects that overlap. */
function lossFacts(lost: Report | null): readonly string[] {
  const [pixels] = countOf(lost, "num_pixels", "pixel");
  const [objects] = countOf(lost, "num_objects", "object");
  if (!pixels || !objects) return [];
  const [masks] = countOf(lost, "num_masks", "whole mask");
  return [
    `${pixels} of ${objects} lost under others${masks ? `, ${masks} among them` : ""}; the manifest says whose`,
  ];
}

function countOf(report: Report | null, name: string, noun: string): readonly string[] {
  const count = report?.[name];
  return typeof count === "number" && count > 0 ? [countText(count, noun)] : [];
}
