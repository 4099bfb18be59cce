import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Task } from "@/api/types";
import { TooltipProvider } from "@/ui/Tooltip";
import { SessionContext } from "../../state/context";
import { makeSession } from "../../state/exampleSession";
import { leaseInHand } from "../../state/leaseState";
import { makeTask } from "../../sync/exampleRows";
import { SavedChip } from "./SavedChip";
import { TaskChip } from "./TaskChip";

afterEach(cleanup);

function open() {
  const { session } = makeSession();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { enabled: false } } })}>
      <SessionContext value={session}>
        <TooltipProvider>
          <TaskChip />
          <SavedChip />
        </TooltipProvider>
      </SessionContext>
    </QueryClientProvider>,
  );
  return session;
}

function hold(...tasks: readonly Task[]) {
  return tasks.map((task) => ({ task, lease: `${task.id}/1`, renew_seconds: 30 }));
}

it("of two tasks held on one video both can be chosen, and the reviewer's reason is in sight", () => {
  const session = open();
  const refine = makeTask({
    id: "t2",
    kind: "refine",
    masklet_id: "m1",
    masklet_name: "Cat",
    reason: "leaks",
  });
  const [claimed, other] = hold(refine, makeTask({ id: "t1", kind: "annotate" }));
  if (claimed === undefined || other === undefined) throw new Error("two are held");
  const take = vi.fn((id: string) =>
    session.store.setState(({ lease }) => ({ lease: leaseInHand(lease, id) })),
  );
  Object.assign(session, { lease: { take } });
  act(() => session.store.setState({ lease: { at: "held", claimed, held: [claimed, other] } }));
  const chip = screen.getByTestId("task-held");
  const choice = within(chip).getByRole("combobox", { name: "Task in hand" });
  expect(
    within(choice)
      .getAllByRole("option")
      .map((option) => option.textContent),
  ).toEqual(["Refine Cat", "Annotate"]);
  expect(chip.textContent).toContain("leaks");
  fireEvent.change(choice, { target: { value: "t1" } });
  expect(take.mock.calls).toEqual([["t1"]]);
  expect(screen.getByTestId("task-held").querySelector("[title=leaks]")).toBeNull();
  fireEvent.change(screen.getByTestId("task-choice"), { target: { value: "t2" } });
  expect(screen.getByTestId("task-held").querySelector("[title=leaks]")).not.toBeNull();
});

it.each([
  ["sign-in", "Sign in – 1 waiting"],
  ["model", "Model not ready – 1 waiting"],
  ["database", "Database down – 1 waiting"],
  ["disk", "Disk full – 1 waiting"],
  ["server", "Server fails – 1 waiting"],
] as const)("an edit held up by the %s says so, and never that it is saved", (holdup, words) => {
  const session = open();
  const write = { kind: "clear", object: "m1", frameIndex: 0 } as const;
  act(() =>
    session.store.setState({
      shelf: "kept",
      holdup,
      queue: [{ actionId: "a", write, state: "waiting", basis: "" }],
    }),
  );
  expect(screen.getByTestId("saved").textContent).toBe(words);
});
