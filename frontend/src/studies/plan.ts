import type { StudyArm } from "@/api/types";

/** One annotator's row of the plan: their objects in working order. */
export interface PlanRow {
  readonly userId: string;
  readonly name: string;
  readonly arms: readonly StudyArm[];
  readonly numDone: number;
}

/** The arms by person, each in the order of their work. */
export function planOf(arms: readonly StudyArm[]): readonly PlanRow[] {
  const rows = new Map<string, StudyArm[]>();
  for (const arm of arms) rows.set(arm.user_id, [...(rows.get(arm.user_id) ?? []), arm]);
  return [...rows].map(([userId, own]) => ({
    userId,
    name: own[0]?.user_name ?? "",
    arms: own.toSorted((a, b) => a.position - b.position),
    numDone: own.filter((arm) => arm.task_state === "done").length,
  }));
}

/** Whether the design is balanced: the number of people is a multiple of the number of phases. */
export function isBalanced(numPeople: number, numPhases: number): boolean {
  return numPeople > 0 && numPeople % numPhases === 0;
}
