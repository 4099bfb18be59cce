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
  const unknown = countOf(report, "num_unknown", "untracked frame").map(
    (count) => `${count} written as absent`,
  );
  const leftOut = Object.entries((report?.["left_out"] ?? {}) as Report).map(
    ([reason, count]) => `${String(count)} × ${reason.replaceAll("_", " ")}`,
  );
  return leftOut.length > 0 ? [...unknown, `left out: ${leftOut.join(", ")}`] : unknown;
}

function countOf(report: Report | null, name: string, noun: string): readonly string[] {
  const count = report?.[name];
  return typeof count === "number" && count > 0 ? [countText(count, noun)] : [];
}
