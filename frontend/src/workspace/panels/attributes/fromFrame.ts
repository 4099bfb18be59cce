import type { Attribute } from "@/api/types";
import type { holding } from "../../classes/timelines";

/** Since when the value holds, of what changes over time. */
export function fromFrame(attribute: Attribute, held: ReturnType<typeof holding>): string | undefined {
  return attribute.changes && held !== null ? `From frame ${held.from} on` : undefined;
}
