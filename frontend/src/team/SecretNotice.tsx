import { useState } from "react";
import { Button } from "@/ui/Button";
import styles from "./Team.module.css";

interface SecretNoticeProps {
  readonly secret: string;
  /** Names the secret and says that it is shown only once. */
  readonly words: string;
  readonly testId: string;
}

/** Shows a secret once: the server stores only its hash. */
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

/** The full URL of a one-time link. */
export function linkAddress(path: string): string {
  return `${window.location.origin}${path}`;
}
