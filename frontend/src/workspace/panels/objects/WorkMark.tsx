import type { ListedObject } from "../../state/selectors";
import styles from "./WorkMark.module.css";

interface Mark {
  readonly words: string;
  readonly tone: "good" | "warn" | "bad" | "plain";
  readonly title: string;
}

/** Whose turn it is with an object, in a word; nothing while it is being annotated. */
export function WorkMark({ object }: { readonly object: ListedObject }) {
  const mark = markOf(object);
  if (mark === null) return null;
  return (
    <span className={styles.mark} data-tone={mark.tone} title={mark.title} data-testid="work-mark">
      {mark.words}
    </span>
  );
}

function markOf({ work, verdict }: ListedObject): Mark | null {
  switch (work) {
    case "annotating":
      return null;
    case "verifying":
      return { words: "to verify", tone: "plain", title: "Submitted; it waits for a verdict" };
    case "refining":
      return verdict === null
        ? { words: "refining", tone: "warn", title: "Sent back, and changed since the verdict" }
        : { words: "sent back", tone: "warn", title: "A verifier found it unsatisfactory" };
    case "settled":
      return verdict === "rejected"
        ? { words: "rejected", tone: "bad", title: "A verifier rejected the object" }
        : { words: "verified", tone: "good", title: "A verifier found it satisfactory" };
    default:
      return work satisfies never;
  }
}
