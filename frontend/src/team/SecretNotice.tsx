import { useState } from "react";
import { Button } from "@/ui/Button";
import styles from "./Team.module.css";

interface SecretNoticeProps {
  readonly secret: string;
  /** What it is, and that it is shown this once. */
  readonly words: string;
  readonly testId: string;
}

/** A secret is shown once: afterwards the server itself does not know it. */
export function SecretNotice({ secret, words, testId }: SecretNoticeProps) {
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles.section} role="status">
      <div className={styles.secret}>
        <code data-testid={testId}>{secret}</code>
        <Button
          tone="primary"
          onClick={() => {
            void navigator.clipboard?.writeText(secret).then(() => setCopied(true));
          }}
        >
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
      <p className={styles.hint}>{words}</p>
    </div>
  );
}

/** The whole address of a one-time link. */
export function linkAddress(path: string): string {
  return `${window.location.origin}${path}`;
}
