import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "@/api/queries";
import { SelectField } from "@/ui/Field";
import { modelHint, modelOptions } from "./modelOptions";

interface ModelFieldProps {
  /** A model of the catalogue; null for the server's default. */
  readonly value: string | null;
  readonly onChange: (model: string | null) => void;
  /** What changing it entails. */
  readonly note?: string;
}

const DEFAULT = "";

export function ModelField({ value, onChange, note = "" }: ModelFieldProps) {
  const { data, error } = useQuery(modelsQuery);
  return (
    <SelectField
      label="Model"
      value={value ?? DEFAULT}
      hint={
        error && !data
          ? "The model server does not answer: the choice is not known."
          : `${modelHint(data, value)} ${note}`
      }
      onChange={(event) => onChange(event.target.value === DEFAULT ? null : event.target.value)}
      data-testid="project-model"
    >
      {modelOptions(data, value).map(({ name, label, disabled }) => (
        <option key={name ?? DEFAULT} value={name ?? DEFAULT} disabled={disabled}>
          {label}
        </option>
      ))}
    </SelectField>
  );
}
