import { expect, it } from "vitest";
import type { Webhook, WebhookDelivery } from "@/api/types";
import { conditionOf, outcomeOf } from "./webhookWords";

const WEBHOOK: Webhook = {
  id: "w",
  url: "https://example.org/hook",
  events: ["video.ready"],
  note: "",
  pause: null,
  failing_since: null,
  made_by: "Ada",
  created_at: "2026-11-30T10:00:00Z",
};
const DELIVERY: WebhookDelivery = {
  id: "d",
  event: "video.ready",
  state: "delivered",
  tries: 1,
  status: 200,
  answer: "",
  tried_at: "2026-11-30T10:00:01Z",
  due_at: null,
  created_at: "2026-11-30T10:00:00Z",
};

it("tells a webhook that works from one that fails and from one that was paused, and says what to do", () => {
  expect(conditionOf(WEBHOOK)).toEqual({ tone: "good", word: "active", detail: null });
  const failing = conditionOf({ ...WEBHOOK, failing_since: "2026-11-30T10:00:00Z" });
  expect([failing.tone, failing.word]).toEqual(["bad", "failing"]);
  expect(failing.detail).toContain("30 Nov");
  expect(conditionOf({ ...WEBHOOK, pause: "by_hand" }).detail).toBeNull();
  expect(conditionOf({ ...WEBHOOK, pause: "failing" }).detail).toContain("Resume");
  expect(conditionOf({ ...WEBHOOK, pause: "maker_left" }).detail).toContain("answer for it yourself");
});

it("says of a delivery what was answered, how often it was tried and when it is tried next", () => {
  expect(outcomeOf(DELIVERY)).toBe("answered 200");
  expect(outcomeOf({ ...DELIVERY, state: "waiting", tries: 0, status: null, answer: null })).toBe(
    "about to be sent",
  );
  const waiting = { ...DELIVERY, state: "waiting", tries: 2, status: 500, answer: "oops" } as const;
  expect(outcomeOf({ ...waiting, due_at: "2026-11-30T11:00:00Z" })).toMatch(
    /^answered 500 · 2 tries · next try 30 Nov.* · oops$/,
  );
  expect(
    outcomeOf({
      ...DELIVERY,
      state: "failed",
      tries: 7,
      status: null,
      answer: "No answer within 10 seconds.",
    }),
  ).toBe("7 tries · No answer within 10 seconds.");
});
