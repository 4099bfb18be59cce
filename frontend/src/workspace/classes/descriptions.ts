/** What a person says of objects: shown at once and queued for the server. */
import type { Id } from "@/api/types";
import { mayEdit } from "../state/barrier";
import { listedObjects } from "../state/selectors";
import type { WorkspaceSession } from "../state/session";
import type { ObjectKey } from "../sync/writes";
import type { Value } from "./timelines";

/** Says of what class an object is; null: of none. */
export function giveClass({ store, outbox }: WorkspaceSession, object: ObjectKey, classId: Id | null): void {
  const state = store.getState();
  if (classOf(state, object) !== classId && mayEdit(state, object))
    outbox.add({ kind: "describe", object, classId, values: [] });
}

interface Saying {
  readonly attributeId: Id;
  readonly value: Value;
  /** From which on it holds, of what changes over time; 0 of everything else. */
  readonly frameIndex: number;
}

export function setValue(
  { store, outbox }: WorkspaceSession,
  object: ObjectKey,
  { attributeId, value, frameIndex }: Saying,
): void {
  if (!mayEdit(store.getState(), object)) return;
  const values = [{ attribute_id: attributeId, frame_index: frameIndex, value }];
  outbox.add({ kind: "describe", object, values });
}

/** Gives the selected object a class, or else the next new ones; the one that is there already is taken away. */
export function pressClass(session: WorkspaceSession, classId: Id): void {
  const state = session.store.getState();
  const { selected, classInHand } = state;
  if (!mayEdit(state, selected)) return;
  if (selected !== null) giveClass(session, selected, classOf(state, selected) === classId ? null : classId);
  else {
    session.store.setState({ classInHand: classInHand === classId ? null : classId });
    session.actions.newObject();
  }
}

function classOf(state: Parameters<typeof listedObjects>[0], object: ObjectKey): Id | null {
  return listedObjects(state).find(({ key }) => key === object)?.objectClass?.id ?? null;
}
