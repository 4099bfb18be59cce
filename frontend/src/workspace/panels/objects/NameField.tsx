import { useEffect, useRef } from "react";
import styles from "./ObjectsPanel.module.css";

interface NameFieldProps {
  readonly name: string;
  /** The new name, or null when renaming was cancelled. */
  readonly onDone: (name: string | null) => void;
}

/** Renames in place: Enter keeps, Escape drops. */
export function NameField({ name, onDone }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <input
      ref={field}
      className={styles.field}
      defaultValue={name}
      aria-label="Name"
      maxLength={200}
      onClick={(event) => event.stopPropagation()}
      onBlur={(event) => onDone(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") onDone(event.currentTarget.value);
        if (event.key === "Escape") onDone(null);
      }}
    />
  );
}
