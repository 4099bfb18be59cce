import type { Run } from "@/api/types";
import type { Replica } from "./replica";

const MOST_NAMES = 3;

/** What is new about runs and a person should know: objects that were left out, and a run that failed. */
export function runNotices(now: Replica, before: Replica): readonly string[] {
  if (now.runs === before.runs) return [];
  return [...now.runs.values()].flatMap((run) => {
    const earlier = before.runs.get(run.id);
    if (earlier === run || (earlier === undefined && before.runs.size === 0 && hasEnded(run))) return [];
    const failed = run.state === "failed" && earlier?.state !== "failed";
    return [...newlyLeftOut(now, run, earlier), ...(failed ? [failure(run)] : [])];
  });
}

/** The objects that a run carries, or carried to its end. */
export function carriedBy(run: Run): readonly string[] {
  const left = new Set(run.left_out.map(({ masklet_id: id }) => id));
  return run.masklet_ids.filter((id) => !left.has(id));
}

function hasEnded(run: Run): boolean {
  return run.state !== "queued" && run.state !== "running";
}

/** One notice per reason, with the objects that share it. */
function newlyLeftOut(replica: Replica, run: Run, earlier: Run | undefined): string[] {
  const known = new Set(earlier?.left_out.map(({ masklet_id: id }) => id));
  const reasons = new Map<string, string[]>();
  for (const { masklet_id: id, detail } of run.left_out) {
    if (known.has(id)) continue;
    const name = replica.masklets.get(id)?.name ?? "An object";
    reasons.set(detail, [...(reasons.get(detail) ?? []), name]);
  }
  return [...reasons].map(([detail, names]) => `Not carried: ${namesText(names)}. ${detail}`);
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function failure(run: Run): string {
  const detail = run.problem === null ? "" : ` ${String(run.problem.detail ?? "")}`;
  return `The propagation stopped; what it carried is kept.${detail}`;
}
