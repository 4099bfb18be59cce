import type { ReactNode } from "react";
import styles from "./Tabs.module.css";

interface TabsProps<Name extends string> {
  /** For screen readers. */
  readonly label: string;
  readonly tabs: readonly { readonly name: Name; readonly content: ReactNode; readonly testId?: string }[];
  readonly chosen: Name | null;
  readonly onChoose: (name: Name) => void;
}

/** Switches between views of the same content. */
export function Tabs<Name extends string>({ label, tabs, chosen, onChoose }: TabsProps<Name>) {
  return (
    <div className={styles.tabs} role="tablist" aria-label={label}>
      {tabs.map(({ name, content, testId }) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === chosen}
          onClick={() => onChoose(name)}
          data-testid={testId}
        >
          {content}
        </button>
      ))}
    </div>
  );
}
