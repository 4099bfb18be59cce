/** What webhooks are told of and how they fare, in words. */
import type { Webhook, WebhookDelivery, WebhookEvent } from "@/api/types";
import { dateText } from "@/ui/numbers";

export const EVENT_WORDS: Readonly<Record<WebhookEvent, string>> = {
  "video.ready": "A video is ready",
  "video.failed": "A video could not be read",
  "task.submitted": "A task is submitted",
  "verdict.recorded": "An object gets a verdict",
  "export.done": "An export is done",
  "export.failed": "An export failed",
};

export const EVENTS = Object.keys(EVENT_WORDS) as readonly WebhookEvent[];

interface Condition {
  readonly tone: "good" | "warn" | "bad";
  readonly word: string;
  /** What happened and what to do, where something is to be done. */
  readonly detail: string | null;
}

export function conditionOf({ pause, failing_since }: Webhook): Condition {
  switch (pause) {
    case "by_hand":
      return { tone: "warn", word: "paused", detail: null };
    case "failing":
      return {
        tone: "bad",
        word: "paused: failing",
        detail: `Nothing was accepted there${failing_since ? ` since ${dateText(failing_since)}` : " for long"}. Resume it once the receiver works.`,
      };
    case "maker_left":
      return {
        tone: "bad",
        word: "paused: nobody answers for it",
        detail: "Who made it no longer manages this project. Resume it to answer for it yourself.",
      };
    case null:
      if (failing_since === null) return { tone: "good", word: "active", detail: null };
      return {
        tone: "bad",
        word: "failing",
        detail: `Not accepted since ${dateText(failing_since)}; it is tried again.`,
      };
    default:
      return pause satisfies never;
  }
}

/** What became of a delivery, and why. */
export function outcomeOf(delivery: WebhookDelivery): string {
  const { state, status, answer, tries, due_at } = delivery;
  const words = status === null ? [] : [`answered ${status}`];
  if (tries > 1) words.push(`${tries} tries`);
  if (state === "waiting")
    words.push(tries === 0 ? "about to be sent" : `next try ${dateText(due_at ?? "")}`);
  if (answer) words.push(answer);
  return words.join(" · ");
}
