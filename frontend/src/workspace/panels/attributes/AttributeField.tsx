import { type ReactNode, useState } from "react";
import type { Attribute } from "@/api/types";
import type { Value } from "../../classes/timelines";
import styles from "./Attributes.module.css";

interface AttributeFieldProps {
  readonly attribute: Attribute;
  /** What holds now; null where nothing is said. */
  readonly value: Value;
  /** Beneath the field. */
  readonly hint?: string | undefined;
  /** Instead of "Not said", where a value is required. */
  readonly missing: string;
  readonly onChange: (value: Value) => void;
}

const UNSAID = "";
const YES_NO = [
  { word: "yes", name: "Yes" },
  { word: "no", name: "No" },
];

/** Says what is known of one attribute. Numbers and texts are taken when the person leaves the field. */
export function AttributeField({ attribute, value, hint, missing, onChange }: AttributeFieldProps) {
  const unsaid = attribute.required ? missing : "Not said";
  const shared = { name: attribute.name, hint, unsaid };
  switch (attribute.kind) {
    case "choice":
      return (
        <ChoiceField
          {...shared}
          word={typeof value === "string" ? value : null}
          options={attribute.choices.map(({ id, name }) => ({ word: id, name }))}
          onChoose={onChange}
        />
      );
    case "yes_no":
      return (
        <ChoiceField
          {...shared}
          word={value === null ? null : value === true ? "yes" : "no"}
          options={YES_NO}
          onChoose={(word) => onChange(word === null ? null : word === "yes")}
        />
      );
    case "number":
    case "text":
      return (
        <WrittenField
          key={String(value)}
          {...shared}
          value={value}
          isNumber={attribute.kind === "number"}
          onWrite={onChange}
        />
      );
    default:
      return attribute.kind satisfies never;
  }
}

interface ChoiceFieldProps {
  readonly name: string;
  readonly word: string | null;
  readonly unsaid: string;
  readonly hint?: string | undefined;
  readonly options: readonly { readonly word: string; readonly name: string }[];
  readonly testId?: string;
  readonly onChoose: (word: string | null) => void;
}

/** One of several words, or none. */
export function ChoiceField({ name, word, unsaid, hint, options, testId, onChoose }: ChoiceFieldProps) {
  return (
    <Line name={name} hint={hint}>
      <select
        value={word ?? UNSAID}
        onChange={(event) => onChoose(event.target.value === UNSAID ? null : event.target.value)}
        data-testid={testId}
      >
        <option value={UNSAID}>{unsaid}</option>
        {options.map(({ word, name }) => (
          <option key={word} value={word}>
            {name}
          </option>
        ))}
      </select>
    </Line>
  );
}

interface WrittenFieldProps {
  readonly name: string;
  readonly value: Value;
  readonly unsaid: string;
  readonly hint?: string | undefined;
  readonly isNumber: boolean;
  readonly onWrite: (value: Value) => void;
}

function WrittenField({ name, value, unsaid, hint, isNumber, onWrite }: WrittenFieldProps) {
  const said = value === null ? "" : String(value);
  const [text, setText] = useState(said);
  function take() {
    const written = text.trim();
    const next = written === "" ? null : isNumber ? Number(written) : written;
    if (next !== value && !Number.isNaN(next)) onWrite(next);
  }
  return (
    <Line name={name} hint={hint}>
      <input
        type={isNumber ? "number" : "text"}
        step="any"
        maxLength={500}
        autoComplete="off"
        value={text}
        placeholder={unsaid}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          else if (event.key === "Escape") setText(said);
        }}
      />
    </Line>
  );
}

interface LineProps {
  readonly name: string;
  readonly hint: string | undefined;
  readonly children: ReactNode;
}

function Line({ name, hint, children }: LineProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children.
    <label className={styles.line}>
      <span title={name}>{name}</span>
      {children}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}
