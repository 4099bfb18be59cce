import { type ReactNode, useState } from "react";
import type { AttributeKind, AttributeScope } from "@/api/types";
import { Button, IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { type AttributeDraft, newAttribute, newRow } from "./draft";
import styles from "./Ontology.module.css";

const SCOPES: Readonly<Record<AttributeScope, string>> = {
  object: "Object",
  frame: "Frame",
  video: "Video",
};
const KINDS: Readonly<Record<AttributeKind, string>> = {
  choice: "Choice",
  number: "Number",
  text: "Text",
  yes_no: "Yes or no",
};

interface AttributeRowsProps {
  readonly attributes: readonly AttributeDraft[];
  readonly faults: ReadonlyMap<number, string>;
  readonly onChange: (attributes: readonly AttributeDraft[]) => void;
}

/** What is said of objects, frames and videos, one a row. */
export function AttributeRows({ attributes, faults, onChange }: AttributeRowsProps) {
  const [focused, setFocused] = useState<number | null>(null);
  function add(scope: AttributeScope) {
    const added = newAttribute(scope);
    setFocused(added.row);
    onChange([...attributes, added]);
  }
  return (
    <section className={styles.section} aria-label="Attributes">
      <header>
        <h2>Attributes</h2>
        <p>
          What changes over time holds from its frame until the next one. A required one is pointed out where
          it is missing when work is submitted; without one of the video nothing is submitted.
        </p>
      </header>
      <ul className={styles.rows} data-testid="attributes">
        {attributes.map((each) => (
          <AttributeRow
            key={each.row}
            shown={each}
            faults={faults}
            isFocused={each.row === focused}
            onChange={(next) => onChange(attributes.map((other) => (other.row === each.row ? next : other)))}
            onRemove={() => onChange(attributes.filter(({ row }) => row !== each.row))}
          />
        ))}
      </ul>
      <Button
        onClick={() => add(attributes.at(-1)?.scope ?? "object")}
        className={styles.add ?? ""}
        data-testid="add-attribute"
      >
        <Icon name="plus" />
        Add an attribute
      </Button>
    </section>
  );
}

interface AttributeRowProps {
  readonly shown: AttributeDraft;
  readonly faults: ReadonlyMap<number, string>;
  readonly isFocused: boolean;
  readonly onChange: (next: AttributeDraft) => void;
  readonly onRemove: () => void;
}

function AttributeRow({ shown, faults, isFocused, onChange, onRemove }: AttributeRowProps) {
  const about = shown.name || "new attribute";
  const fault = faults.get(shown.row) ?? shown.choices.map(({ row }) => faults.get(row)).find(Boolean);
  return (
    <li className={styles.row}>
      <div className={styles.attributeFields}>
        <input
          // biome-ignore lint/a11y/noAutofocus: the row was just added by the person who now names it.
          autoFocus={isFocused}
          value={shown.name}
          maxLength={64}
          placeholder="Name"
          aria-label="Name"
          aria-invalid={fault !== undefined}
          onChange={(event) => onChange({ ...shown, name: event.target.value })}
          data-testid="attribute-name"
        />
        <WordSelect
          label={`What ${about} is said of`}
          words={SCOPES}
          value={shown.scope}
          onChange={(scope) =>
            onChange({ ...shown, scope, changes: scope === "frame" || (scope === "object" && shown.changes) })
          }
        />
        <WordSelect
          label={`Values of ${about}`}
          words={KINDS}
          value={shown.kind}
          onChange={(kind) => onChange({ ...shown, kind })}
        />
        <Check checked={shown.required} onChange={(required) => onChange({ ...shown, required })}>
          Required
        </Check>
        <Check
          checked={shown.changes}
          disabled={shown.scope !== "object"}
          onChange={(changes) => onChange({ ...shown, changes })}
        >
          Changes over time
        </Check>
        <IconButton label={`Remove ${about}`} onClick={onRemove}>
          <Icon name="trash" />
        </IconButton>
      </div>
      {shown.kind === "choice" && <Choices shown={shown} onChange={onChange} />}
      {fault !== undefined && (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      )}
    </li>
  );
}

function Choices({ shown, onChange }: Pick<AttributeRowProps, "shown" | "onChange">) {
  const [focused, setFocused] = useState<number | null>(null);
  function add() {
    const added = newRow();
    setFocused(added.row);
    onChange({ ...shown, choices: [...shown.choices, added] });
  }
  return (
    <div className={styles.choices}>
      {shown.choices.map((choice) => (
        <span key={choice.row} className={styles.choice}>
          <input
            // biome-ignore lint/a11y/noAutofocus: the choice was just added by the person who now names it.
            autoFocus={choice.row === focused}
            value={choice.name}
            maxLength={64}
            size={Math.max(6, choice.name.length)}
            aria-label={`Choice of ${shown.name || "new attribute"}`}
            onChange={(event) =>
              onChange({
                ...shown,
                choices: shown.choices.map((each) =>
                  each.row === choice.row ? { ...each, name: event.target.value } : each,
                ),
              })
            }
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              add();
            }}
          />
          <IconButton
            label={`Remove ${choice.name || "choice"}`}
            onClick={() =>
              onChange({ ...shown, choices: shown.choices.filter(({ row }) => row !== choice.row) })
            }
          >
            <Icon name="close" size={12} />
          </IconButton>
        </span>
      ))}
      <Button tone="quiet" onClick={add}>
        <Icon name="plus" size={12} />
        Choice
      </Button>
    </div>
  );
}

interface WordSelectProps<Word extends string> {
  readonly label: string;
  readonly words: Readonly<Record<Word, string>>;
  readonly value: Word;
  readonly onChange: (word: Word) => void;
}

function WordSelect<Word extends string>({ label, words, value, onChange }: WordSelectProps<Word>) {
  return (
    <select value={value} aria-label={label} onChange={(event) => onChange(event.target.value as Word)}>
      {Object.entries<string>(words).map(([word, text]) => (
        <option key={word} value={word}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface CheckProps {
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: ReactNode;
}

function Check({ checked, disabled = false, onChange, children }: CheckProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      {children}
    </label>
  );
}
