import { holdupOf } from "@/api/holdup";
import { fetchVerdicts, type NewVerdict, recordVerdict, withdrawVerdict } from "@/api/review";
import { contestVerdict, fetchTask, handBackTask, rejectVideo, submitTask } from "@/api/tasks";
import type { Id } from "@/api/types";

/** A task under the epoch in which one person holds it. */
export interface TaskHold {
  readonly id: Id;
  readonly epoch: number;
}

/** What ends a person's turn with a piece of work. It is plain data, which outlives the page. */
export type Outcome =
  | { readonly kind: "submit"; readonly task: TaskHold }
  | { readonly kind: "hand back"; readonly task: TaskHold; readonly reason: string | null }
  | { readonly kind: "contest" | "reject"; readonly task: TaskHold; readonly reason: string }
  | { readonly kind: "verdict"; readonly maskletId: Id; readonly version: number; readonly body: NewVerdict }
  | { readonly kind: "withdrawal"; readonly maskletId: Id; readonly version: number };

/** An outcome that somebody has asked for, with the words for it. */
export interface Press {
  readonly outcome: Outcome;
  /** What was pressed, such as "Submit ball.mp4". */
  readonly name: string;
  /** What to say once it is done. */
  readonly done: string;
  /** The path of the page on which it was pressed. */
  readonly place: string;
}

/** A press that is kept until it is answered. Its id is the idempotency key of every try. */
export interface KeptOutcome extends Press {
  readonly id: Id;
  readonly person: Id;
  readonly since: number;
  readonly state: OutcomeState;
  /** Whether the page on which it was pressed still lives. */
  readonly attended: boolean;
}

export type OutcomeState =
  | { readonly at: "sending" | "waiting" }
  /** The person wants it no more; it is being found out whether it had arrived all the same. */
  | { readonly at: "taking back" }
  | { readonly at: "refused"; readonly message: string };

export async function sendOutcome({ id, outcome }: KeptOutcome): Promise<unknown> {
  switch (outcome.kind) {
    case "submit":
      return submitTask(outcome.task, id);
    case "hand back":
      return handBackTask(outcome.task, outcome.reason, id);
    case "contest":
      return contestVerdict(outcome.task, outcome.reason, id);
    case "reject":
      return rejectVideo(outcome.task, outcome.reason, id);
    case "verdict":
      return recordVerdict({ ...outcome, actionId: id }, outcome.body);
    case "withdrawal":
      return withdrawVerdict({ ...outcome, actionId: id });
    default:
      return outcome satisfies never;
  }
}

/** Whether an outcome that nobody answered had arrived. */
export async function hasArrived({ outcome, person }: KeptOutcome): Promise<boolean> {
  if ("task" in outcome) return hasEnded(outcome.kind, outcome.task, person);
  const verdicts = await fetchVerdicts(outcome.maskletId);
  const theirs = verdicts.filter(({ verifier_id }) => verifier_id === person);
  if (outcome.kind === "verdict")
    return theirs.some((each) => each.masklet_version === outcome.version && !each.withdrawn);
  // A verdict raises the version by one.
  return verdicts.some((each) => each.masklet_version === outcome.version - 1 && each.withdrawn);
}

async function hasEnded(kind: Outcome["kind"], { id, epoch }: TaskHold, person: Id): Promise<boolean> {
  try {
    const task = await fetchTask(id);
    if (kind === "hand back") return task.epoch !== epoch;
    return task.state === "done" && task.epoch === epoch && task.assignee_id === person;
  } catch (error) {
    if (holdupOf(error) === null) return false; // the task is gone, or no longer theirs to see
    throw error;
  }
}
