import { useSyncExternalStore } from "react";
import { hasArrived, type KeptOutcome, sendOutcome } from "./outcome";
import { OutcomeKeeper } from "./outcomeKeeper";

/** The page's one keeper of outcomes. */
export const outcomes = new OutcomeKeeper({
  storage: localStorage,
  send: sendOutcome,
  hasArrived,
  alone: (id, work) => void navigator.locks.request(`maskloom-outcome:${id}`, work),
});

window.addEventListener("online", () => outcomes.retryNow());
window.addEventListener("storage", ({ key, newValue }) => outcomes.noteStored(key, newValue));
window.addEventListener("beforeunload", (event) => {
  if (outcomes.isAtRisk) event.preventDefault();
});

/** What is not settled, oldest first. */
export function useOutcomes(): readonly KeptOutcome[] {
  return useSyncExternalStore(outcomes.subscribe, () => outcomes.kept);
}
