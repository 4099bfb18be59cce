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

it("an action of a newer server is still told", () => {
  expect(auditText(entry("study.closed_early", {}))).toBe("study closed early");
});
