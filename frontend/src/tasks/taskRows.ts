import type { Id, Member, Task } from "@/api/types";

/** `open` are those the reader can claim, `waiting` those that wait for somebody else. */
export type TaskView = "open" | "waiting" | "held" | "done";

export interface TaskFilter {
  readonly view: TaskView;
  readonly kind: Task["kind"] | "all";
}

/** The tasks of one view in the order in which the server assigns them. */
export function filterTasks(tasks: readonly Task[], { view, kind }: TaskFilter): readonly Task[] {
  return tasks.filter((task) => viewOf(task) === view && (kind === "all" || task.kind === kind));
}

export function viewOf(task: Task): TaskView {
  if (task.state === "done") return "done";
  if (task.state === "claimed") return "held";
  return task.claimable ? "open" : "waiting";
}

export function countByView(tasks: readonly Task[]): Readonly<Record<TaskView, number>> {
  const counts = { open: 0, waiting: 0, held: 0, done: 0 };
  for (const task of tasks) counts[viewOf(task)]++;
  return counts;
}

/** Names the person who holds a task or for whom it is reserved. */
export function whoseTask(task: Task, myId: Id | null = null): string {
  const name = task.assignee_name ?? "";
  if (task.state !== "open") return name;
  if (task.assignee_id !== null) return task.assignee_id === myId ? "Waits for you" : `Waits for ${name}`;
  if (task.carried) return "After its propagation";
  return task.claimable ? "Anybody" : task.kind === "verify" ? "Another verifier" : "Somebody else";
}

export function outcomeOf(task: Task): string {
  const how = task.outcome ?? "";
  return task.reason === null ? how : [how, task.reason].filter((part) => part !== "").join(": ");
}

/** Whether a member's role lets them do tasks of a kind. */
export function canDo({ role, disabled }: Pick<Member, "role" | "disabled">, kind: Task["kind"]): boolean {
  if (disabled) return false;
  return role === "manager" || role === (kind === "verify" ? "verifier" : "annotator");
}
