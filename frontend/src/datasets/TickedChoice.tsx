import { useState } from "react";
import { SelectField, TextField } from "@/ui/Field";
import styles from "./MoreChoices.module.css";

const FEW = 8;

interface TickedEntry<Key> {
  readonly key: Key;
  readonly name: string;
  readonly detail?: string;
  readonly color?: string;
}

interface TickedChoiceProps<Key> {
  /** Such as Videos. */
  readonly label: string;
  /** Such as "2 videos". */
  readonly countText: (count: number) => string;
  readonly entries: readonly TickedEntry<Key>[];
  /** What stands there if there is nothing to tick. */
  readonly none: string;
  /** In the order of the entries; null: all of them. */
  readonly value: readonly Key[] | null;
  readonly onChange: (chosen: Key[] | null) => void;
  readonly testId: string;
}

/** All of some things, or those that are ticked. */
export function TickedChoice<Key extends string | null>(props: TickedChoiceProps<Key>) {
  const { label, countText, entries, none, value, onChange, testId } = props;
  const [filter, setFilter] = useState("");
  const shown = entries.filter(({ name }) => name.toLowerCase().includes(filter.trim().toLowerCase()));
  const toggle = (key: Key, chosen: boolean) =>
    onChange(
      entries
        .map((entry) => entry.key)
        .filter((other) => (other === key ? chosen : (value?.includes(other) ?? false))),
    );
  return (
    <>
      <SelectField
        label={label}
        value={value === null ? "all" : "chosen"}
        onChange={({ target }) => onChange(target.value === "all" ? null : [])}
        data-testid={testId}
      >
        <option value="all">All {label.toLowerCase()}</option>
        <option value="chosen">
          {value?.length ? `Chosen: ${countText(value.length)}` : `Chosen ${label.toLowerCase()}`}
        </option>
      </SelectField>
      {value !== null && (
        <fieldset className={styles.ticked} data-testid={`${testId}-list`}>
          <legend>
            {value.length === 0
              ? `Tick the ${label.toLowerCase()} to export`
              : `${countText(value.length)} chosen`}
          </legend>
          {entries.length > FEW && (
            <TextField
              label="Find"
              type="search"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
            />
          )}
          <div className={styles.checks}>
            {shown.map(({ key, name, detail, color }) => (
              <label key={key ?? ""} className={styles.check}>
                <input
                  type="checkbox"
                  checked={value.includes(key)}
                  onChange={({ target }) => toggle(key, target.checked)}
                />
                {color && <span className={styles.color} style={{ background: color }} />}
                <span className={styles.name}>{name}</span>
                {detail && <span className={styles.detail}>{detail}</span>}
              </label>
            ))}
            {shown.length === 0 && (
              <p className={styles.detail}>{entries.length === 0 ? none : "No name has this in it."}</p>
            )}
          </div>
        </fieldset>
      )}
    </>
  );
}
