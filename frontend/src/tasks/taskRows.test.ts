import { expect, it } from "vitest";
import type { Task } from "@/api/types";
import { makeTask as task } from "./exampleTask";
import { canDo, countByView, filterTasks, outcomeOf, whoseTask } from "./taskRows";

const tasks = [
  task({ id: "a" }),
  task({ id: "b", kind: "verify", assignee_id: "u", assignee_name: "Vera" }),
  task({ id: "c", state: "claimed", assignee_id: "u", assignee_name: "Ann" }),
  task({ id: "d", state: "done", outcome: "rejected", reason: "too dark" }),
  task({ id: "e", kind: "verify", claimable: false }),
];

it("a view holds its tasks, of one kind if that is asked for", () => {
  expect(filterTasks(tasks, { view: "open", kind: "all" }).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(filterTasks(tasks, { view: "open", kind: "verify" }).map(({ id }) => id)).toEqual(["b"]);
  expect(filterTasks(tasks, { view: "waiting", kind: "all" }).map(({ id }) => id)).toEqual(["e"]);
  expect(countByView(tasks)).toEqual({ open: 2, waiting: 1, held: 1, done: 1 });
});

it("a task says whose it is", () => {
  expect(tasks.slice(0, 3).map((each) => whoseTask(each))).toEqual(["Anybody", "Waits for Vera", "Ann"]);
  expect(whoseTask(task({ kind: "verify", claimable: false }))).toBe("Another verifier");
  expect(whoseTask(task({ kind: "verify", claimable: false, carried: true }))).toBe("After its propagation");
  expect(whoseTask(task({ assignee_id: "u", assignee_name: "Ann" }), "u")).toBe("Waits for you");
});

it("a finished task says how it ended", () => {
  expect(outcomeOf(task({ outcome: "rejected", reason: "too dark" }))).toBe("rejected: too dark");
  expect(outcomeOf(task({ outcome: "submitted" }))).toBe("submitted");
});

it("gives a task only to those whose role lets them do it", () => {
  const roles = ["viewer", "annotator", "verifier", "manager"] as const;
  const able = (kind: Task["kind"]) => roles.filter((role) => canDo({ role, disabled: false }, kind));
  expect(able("verify")).toEqual(["verifier", "manager"]);
  expect(able("refine")).toEqual(["annotator", "manager"]);
  expect(canDo({ role: "manager", disabled: true }, "annotate")).toBe(false);
});
