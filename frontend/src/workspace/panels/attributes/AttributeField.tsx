import { useState } from "react";
import type { Attribute } from "@/api/types";
import { SelectField, TextField } from "@/ui/Field";

export type Value = string | number | boolean | null;

interface AttributeFieldProps {
  readonly attribute: Attribute;
  /** What holds now; null where nothing is said. */
  readonly value: Value;
  readonly hint?: string;
  /** Instead of "Not said", where a value is required. */
  readonly missing?: string;
  readonly onChange: (value: Value) => void;
}

const UNSAID = "";

/** Says what is known of one attribute. Numbers and texts are taken when the person leaves the field. */
export function AttributeField(props: AttributeFieldProps) {
  const { attribute, value } = props;
  switch (attribute.kind) {
    case "choice": {
      const options = attribute.choices.map(({ id, name }) => ({ word: id, name }));
      return <ChoiceField {...props} options={options} />;
    }
    case "yes_no":
      return (
        <ChoiceField
          {...props}
          value={value === null ? null : value === true ? "yes" : "no"}
          options={[
            { word: "yes", name: "Yes" },
            { word: "no", name: "No" },
          ]}
          onChange={(word) => props.onChange(word === null ? null : word === "yes")}
        />
      );
    case "number":
    case "text":
      return <WrittenField key={String(value)} {...props} />;
    default:
      return attribute.kind satisfies never;
  }
}

interface ChoiceFieldProps extends AttributeFieldProps {
  readonly options: readonly { readonly word: string; readonly name: string }[];
}

function ChoiceField({ attribute, value, hint, missing, options, onChange }: ChoiceFieldProps) {
  return (
    <SelectField
      label={attribute.name}
      hint={hint}
      value={value === null ? UNSAID : String(value)}
      onChange={(event) => onChange(event.target.value === UNSAID ? null : event.target.value)}
    >
      <option value={UNSAID}>{(attribute.required && missing) || "Not said"}</option>
      {options.map(({ word, name }) => (
        <option key={word} value={word}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

function WrittenField({ attribute, value, hint, missing, onChange }: AttributeFieldProps) {
  const [text, setText] = useState(value === null ? "" : String(value));
  const isNumber = attribute.kind === "number";
  function take() {
    const written = text.trim();
    const next = written === "" ? null : isNumber ? Number(written) : written;
    if (next !== value && !Number.isNaN(next)) onChange(next);
  }
  return (
    <TextField
      label={attribute.name}
      hint={hint}
      type={isNumber ? "number" : "text"}
      step="any"
      maxLength={500}
      value={text}
      placeholder={(attribute.required && missing) || "Not said"}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
        else if (event.key === "Escape") setText(value === null ? "" : String(value));
        else return;
        event.preventDefault();
        event.currentTarget.blur();
      }}
    />
  );
}
