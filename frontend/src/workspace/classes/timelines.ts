/** Values over time: each holds from its frame until the next one; nothing is said before the first. */
import type { AttributeValue, Masklet } from "@/api/types";

/** By attribute, then by frame. */
export type Values = Masklet["attributes"];
export type Value = AttributeValue["value"];
type Timeline = Values[string];

/** What holds on a frame, and from which one on; null where nothing was ever said. */
export function holding(
  timeline: Timeline | undefined,
  frameIndex: number,
): { readonly value: Value; readonly from: number } | null {
  const frames = Object.keys(timeline ?? {}).map(Number);
  const from = Math.max(...frames.filter((frame) => frame <= frameIndex));
  return timeline === undefined || !Number.isFinite(from) ? null : { value: timeline[from] ?? null, from };
}

export function valueAt(timeline: Timeline | undefined, frameIndex: number): Value {
  return holding(timeline, frameIndex)?.value ?? null;
}

/** The values after some were set, as the server settles them: no frame repeats what holds there anyway. */
export function withValues(values: Values, changes: readonly AttributeValue[]): Values {
  const found: Record<string, Timeline> = { ...values };
  for (const { attribute_id, frame_index, value } of changes) {
    found[attribute_id] = settled({ ...found[attribute_id], [frame_index ?? 0]: value });
  }
  return Object.fromEntries(Object.entries(found).filter(([, timeline]) => Object.keys(timeline).length > 0));
}

function settled(timeline: Timeline): Timeline {
  let held: Value = null;
  const kept = Object.entries(timeline)
    .sort(([one], [other]) => Number(one) - Number(other))
    .filter(([, value]) => {
      const changes = value !== held;
      held = value;
      return changes;
    });
  return Object.fromEntries(kept);
}
