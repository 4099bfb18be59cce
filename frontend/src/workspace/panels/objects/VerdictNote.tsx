import { useQuery } from "@tanstack/react-query";
import { verdictsQuery } from "@/api/queries";
import type { PastVerdict } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { useSession, useWorkspace } from "../../state/context";
import { type ListedObject, listedObjects } from "../../state/selectors";
import styles from "./VerdictNote.module.css";

const TONES = { satisfactory: "good", unsatisfactory: "warn", rejected: "bad" } as const;

/** The last verdict on the selected object: its reasons and note, by whom, and whether it still holds. */
export function VerdictNote() {
  const object = useWorkspace((state) => listedObjects(state).find(({ key }) => key === state.selected));
  const asked = object !== undefined && !object.draft && object.work !== "annotating";
  const query = verdictsQuery(object?.key ?? "", `${object?.work} ${object?.verdict}`);
  const last = useQuery({ ...query, enabled: asked }).data?.find(({ withdrawn }) => !withdrawn);
  if (!asked || last === undefined) return null;
  return <Note object={object} given={last} />;
}

function Note({ object, given }: { readonly object: ListedObject; readonly given: PastVerdict }) {
  const session = useSession();
  const { frame_index: frame } = given;
  return (
    <section className={styles.note} aria-label="Verdict" data-testid="verdict-note">
      <p className={styles.head}>
        <Badge tone={TONES[given.verdict]}>{given.verdict}</Badge>
        <span className={styles.by}>by {given.verifier_name}</span>
        {frame !== null && (
          <Button tone="quiet" onClick={() => session.player.seek(frame)} data-testid="verdict-frame">
            Frame {frame}
          </Button>
        )}
      </p>
      {given.reasons.length > 0 && <p>{given.reasons.join(", ")}</p>}
      {given.note !== null && <p className={styles.words}>{given.note}</p>}
      {object.verdict !== given.verdict && (
        <p className={styles.over} data-testid="verdict-over">
          {object.work === "refining" ? "Changed since." : "No longer holds; it waits for a new verdict."}
        </p>
      )}
    </section>
  );
}
