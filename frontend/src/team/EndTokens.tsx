import styles from "./Team.module.css";

interface EndTokensProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** Asks whether a new password ends API tokens as well: whoever knew the old one may have made some. */
export function EndTokens({ checked, onChange }: EndTokensProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        data-testid="end-tokens"
      />
      End my API tokens too: programs that use them stop until they get new ones
    </label>
  );
}
