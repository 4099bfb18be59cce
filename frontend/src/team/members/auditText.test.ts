import { expect, it } from "vitest";
import type { AuditEntry } from "@/api/types";
import { auditText } from "./auditText";

function entry(action: string, details: AuditEntry["details"]): AuditEntry {
  return {
    order: 1,
    action,
    actor_id: null,
    actor_name: null,
    project_id: null,
    project_name: null,
    object_id: null,
    details,
    created_at: "2026-11-28T03:00:00Z",
  };
}

it("an entry reads as what somebody did", () => {
  const change = { name: "Ada", from: "viewer", to: "manager" };
  expect(auditText(entry("member.role_changed", change))).toBe("made Ada manager (was viewer)");
  expect(auditText(entry("token.made", { name: "nightly", scope: ["view", "export"] }))).toBe(
    "made the API token nightly for view, export",
  );
  expect(auditText(entry("user.disabled_changed", { name: "Ada", from: false, to: true }))).toBe(
    "disabled Ada",
  );
});

it("an entry about a verdict names the object and its video", () => {
  const about = { object: "Object 2", video: "clip.mp4", verdict: "unsatisfactory" };
  expect(auditText(entry("verdict.recorded", about))).toBe("judged Object 2 of clip.mp4 unsatisfactory");
  expect(auditText(entry("verdict.recorded", { verdict: "rejected" }))).toBe("judged a masklet rejected");
});

it("an entry about a task names its object, its video and both people", () => {
  const task = { kind: "verify", object: "Object 2", video: "clip.mp4", from: "Ada", to: "Ben" };
  expect(auditText(entry("task.reassigned", task))).toBe(
    "gave the verify task of Object 2 of clip.mp4 to Ben (was Ada's)",
  );
  const whole = { ...task, kind: "annotate", object: null, from: null, to: null };
  expect(auditText(entry("task.reassigned", whole))).toBe("gave the annotate task of clip.mp4 to anybody");
  const older = { from: null, to: "0b8e6a1c-0000-4000-8000-000000000000" };
  expect(auditText(entry("task.reassigned", older))).toBe("gave a task to somebody else");
});

it("an entry about a model names the model", () => {
  const change = { before: null, after: "street" };
  expect(auditText(entry("model.chosen", change))).toBe("set the model to street (was the default model)");
  expect(auditText(entry("default-model.rolled-back", { model: "street" }))).toBe(
    "made street the default model again",
  );
});

it("an action of a newer server is still told", () => {
  expect(auditText(entry("study.closed_early", {}))).toBe("study closed early");
});
