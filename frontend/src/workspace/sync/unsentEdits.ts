/** What edits that the server has not got yet say of each object. */
import type { AttributeValue, Id } from "@/api/types";
import type { Unsaved } from "./outbox";
import type { ObjectKey } from "./writes";

export interface Unsent {
  readonly renamed: ReadonlyMap<ObjectKey, string>;
  readonly deleted: ReadonlySet<ObjectKey>;
  /** The class that each object was begun with, and the one it has by now; null: its class was taken away. */
  readonly begun: ReadonlyMap<ObjectKey, Id | null>;
  readonly classes: ReadonlyMap<ObjectKey, Id | null>;
  readonly said: ReadonlyMap<ObjectKey, readonly AttributeValue[]>;
}

/** What edits that are on their way, or wait for an object that could not be created, say of each object. */
export function unsentOf({ queue, refusedEdits }: Unsaved): Unsent {
  const renamed = new Map<ObjectKey, string>();
  const deleted = new Set<ObjectKey>();
  const begun = new Map<ObjectKey, Id | null>();
  const classes = new Map<ObjectKey, Id | null>();
  const said = new Map<ObjectKey, readonly AttributeValue[]>();
  const creations = refusedEdits.filter(({ write }) => write.kind === "create");
  const held = creations.flatMap((refused) => [refused, ...refused.followers]);
  for (const { write } of [...held, ...queue]) {
    if (write.kind === "rename") renamed.set(write.object, write.name);
    if (write.kind === "delete") deleted.add(write.object);
    if (write.kind === "create") begun.set(write.object, write.classId);
    if ((write.kind === "create" || write.kind === "describe") && write.classId !== undefined)
      classes.set(write.object, write.classId);
    if (write.kind === "describe" && write.values.length > 0)
      said.set(write.object, [...(said.get(write.object) ?? []), ...write.values]);
  }
  return { renamed, deleted, begun, classes, said };
}
