import type { Id } from "@/api/types";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { countText } from "@/ui/numbers";
import { useSession, useWorkspace } from "../state/context";
import { type ListedObject, listedObjects } from "../state/selectors";
import type { RefusedEdit } from "../sync/refusedEdits";
import type { Write } from "../sync/writes";
import styles from "./RefusedNotice.module.css";

/** What the server refused for good, with its reason, until the person says what becomes of it. */
export function RefusedNotice() {
  const session = useSession();
  const refusedEdits = useWorkspace((state) => state.refusedEdits);
  const objects = useWorkspace(listedObjects);
  if (refusedEdits.length === 0) return null;
  return (
    <div className={styles.stack}>
      {groupsOf(refusedEdits).map((group) => (
        <Notice
          key={group.ids.join()}
          tone="bad"
          title={titleOf(group.refusedEdits, objects)}
          testId="refused"
          actions={
            <>
              <Button onClick={() => session.tryAgain(group.ids)}>Try again</Button>
              <Button tone="quiet" onClick={() => session.dismissRefused(group.ids)}>
                {group.creates ? "Discard the object" : "Discard"}
              </Button>
            </>
          }
        >
          {group.message}
        </Notice>
      ))}
    </div>
  );
}

type Objects = readonly ListedObject[];

interface Group {
  readonly ids: readonly Id[];
  readonly refusedEdits: readonly RefusedEdit[];
  readonly message: string;
  readonly creates: boolean;
}

/** Edits that were refused for one reason are told of together; each object that was not created by itself. */
function groupsOf(refusedEdits: readonly RefusedEdit[]): readonly Group[] {
  const groups = new Map<string, RefusedEdit[]>();
  for (const refusedEdit of refusedEdits) {
    const key = refusedEdit.write.kind === "create" ? refusedEdit.id : refusedEdit.message;
    groups.set(key, [...(groups.get(key) ?? []), refusedEdit]);
  }
  return [...groups.values()].map((members) => ({
    ids: members.map(({ id }) => id),
    refusedEdits: members,
    message: members[0]?.message ?? "",
    creates: members[0]?.write.kind === "create",
  }));
}

function titleOf(refusedEdits: readonly RefusedEdit[], objects: Objects): string {
  const [first] = refusedEdits;
  if (first === undefined) return "";
  if (first.write.kind === "create") {
    const held = first.followers.length;
    const followers =
      held === 0 ? "" : `, and ${countText(held, "edit")} of it ${held === 1 ? "waits" : "wait"}`;
    return `${nameOf(first.write.object, objects)} could not be made${followers}`;
  }
  if (refusedEdits.length > 1) return `${countText(refusedEdits.length, "edit")} not saved`;
  return `Not saved: ${wordsOf(first.write, objects)}`;
}

function wordsOf(write: Write, objects: Objects): string {
  switch (write.kind) {
    case "create":
      return `new ${nameOf(write.object, objects)}`;
    case "prompts":
      return `prompts of ${placeOf(write, objects)}`;
    case "mask":
      return `${write.tool === "absent" ? "“absent”" : `${write.tool} stroke`} on ${placeOf(write, objects)}`;
    case "clear":
      return `clearing ${placeOf(write, objects)}`;
    case "lock":
      return `${write.locked ? "lock" : "unlock"} of ${nameOf(write.object, objects)}, frames ${write.first}–${write.last}`;
    case "rename":
      return `the name “${write.name}”`;
    case "describe":
      return write.classId === undefined
        ? `attributes of ${nameOf(write.object, objects)}`
        : `the class of ${nameOf(write.object, objects)}`;
    case "delete":
      return `deleting ${nameOf(write.object, objects)}`;
    case "run":
      return `propagation from frame ${write.startFrame}`;
    case "undo":
    case "redo":
      return write.kind;
    default:
      return write satisfies never;
  }
}

function placeOf(write: { readonly object: Id; readonly frameIndex: number }, objects: Objects): string {
  return `${nameOf(write.object, objects)}, frame ${write.frameIndex}`;
}

function nameOf(object: Id, objects: Objects): string {
  return objects.find(({ key }) => key === object)?.name ?? "an object";
}
