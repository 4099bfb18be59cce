import { useState } from "react";
import { newActionId } from "./client";

/**
 * An action id that stays while the body stays: pressing the button again after a lost answer repeats
 * the same action, while a changed body is a new one.
 */
export function useActionId(body: unknown): string {
  const text = JSON.stringify(body);
  const [held, setHeld] = useState(() => ({ text, id: newActionId() }));
  if (held.text === text) return held.id;
  const fresh = { text, id: newActionId() };
  setHeld(fresh);
  return fresh.id;
}
