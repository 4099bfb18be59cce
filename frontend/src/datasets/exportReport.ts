import { countText } from "@/ui/numbers";

const COUNTED_ELSEWHERE = new Set(["videos", "masklets"]);

/** The counts of an export's report that the row does not show already, as words; reports differ by format. */
export function reportFacts(report: Readonly<Record<string, unknown>> | null): readonly string[] {
  if (!report) return [];
  return Object.entries(report).flatMap(([name, value]) => {
    const noun = name.replace(/^num_/, "").replaceAll("_", " ");
    if (typeof value !== "number" || COUNTED_ELSEWHERE.has(noun)) return [];
    return [countText(value, noun.replace(/s$/, ""))];
  });
}
