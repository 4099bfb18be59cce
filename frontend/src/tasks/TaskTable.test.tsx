import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { makeTask } from "./exampleTask";
import { TaskTable } from "./TaskTable";

afterEach(cleanup);

it("offers to claim what one may claim, and nothing else, whatever its state", () => {
  const onClaim = vi.fn();
  const tasks = [
    makeTask({ id: "mine", video_name: "mine.mp4", state: "open", claimable: true }),
    makeTask({ id: "not for me", video_name: "theirs.mp4", state: "open", claimable: false }),
    makeTask({
      id: "held",
      video_name: "held.mp4",
      state: "claimed",
      assignee_name: "Ben",
      claimable: false,
    }),
    makeTask({ id: "done", video_name: "done.mp4", state: "done", claimable: false }),
  ];
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { enabled: false } } })}>
      <TaskTable tasks={tasks} projectId="p" manages={false} onClaim={onClaim} />
    </QueryClientProvider>,
  );
  const rows = screen.getAllByTestId("task");
  expect(rows.map((row) => within(row).queryAllByRole("button", { name: "Claim" }).length)).toEqual([
    1, 0, 0, 0,
  ]);
  screen.getByRole("button", { name: "Claim" }).click();
  expect(onClaim.mock.calls.map(([task]) => task.id)).toEqual(["mine"]);
});
