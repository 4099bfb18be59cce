import { expect, it } from "vitest";
import type { StudyArm } from "@/api/types";
import { isBalanced, planOf } from "./plan";

function arm(overrides: Partial<StudyArm>): StudyArm {
  return {
    user_id: "a",
    user_name: "Ann",
    selected_id: "m",
    selected_name: "Ball",
    video_id: "v",
    video_name: "clip.mp4",
    phase: "sam2",
    position: 0,
    masklet_id: null,
    task_state: "open",
    num_frames: 0,
    ...overrides,
  };
}

it("a plan has a row for each person, in the order of their work", () => {
  const rows = planOf([
    arm({ position: 1, selected_name: "Cup" }),
    arm({ user_id: "b", user_name: "Ben", task_state: "done" }),
    arm({ position: 0, task_state: "done" }),
  ]);
  expect(rows.map(({ name, numDone }) => [name, numDone])).toEqual([
    ["Ann", 1],
    ["Ben", 1],
  ]);
  expect(rows[0]?.arms.map(({ selected_name }) => selected_name)).toEqual(["Ball", "Cup"]);
});

it("a design is balanced with one person for each phase, or a multiple", () => {
  expect([1, 2, 3, 4, 6].map((people) => isBalanced(people, 3))).toEqual([false, false, true, false, true]);
});
