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
  const lost = (report?.["lost"] ?? null) as Report | null;
  const all = [...unknown, ...lossFacts(lost), ...redrawnFacts(lost)];
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

/** How far the files are from the masks, in formats that redraw them. */
function redrawnFacts(lost: Report | null): readonly string[] {
  const iou = lost?.["lowest_iou"];
  const [objects] = countOf(lost, "num_objects", "object");
  if (typeof iou !== "number" || iou >= 1 || !objects) return [];
  const shown = (Math.floor(iou * 1000) / 1000).toFixed(3);
  return [`${objects} redrawn with an IoU of at least ${shown}; the manifest has each one's`];
}

function countOf(report: Report | null, name: string, noun: string): readonly string[] {
  const count = report?.[name];
  return typeof count === "number" && count > 0 ? [countText(count, noun)] : [];
}
