import { useQuery } from "@tanstack/react-query";
import { phasesQuery } from "@/api/queries";
import type { Phase } from "@/api/types";
import { SelectField } from "@/ui/Field";

interface PhaseFieldProps {
  readonly value: Phase;
  readonly onChange: (phase: Phase) => void;
}

/** How the project's objects are annotated; what each phase has comes from the server. */
export function PhaseField({ value, onChange }: PhaseFieldProps) {
  const { data, error } = useQuery(phasesQuery);
  const chosen = data?.find(({ phase }) => phase === value);
  return (
    <SelectField
      label="Phase of the data engine"
      value={value}
      hint={error && !data ? "The phases could not be loaded." : (chosen?.summary ?? "")}
      onChange={(event) => onChange(event.target.value as Phase)}
      data-testid="project-phase"
    >
      {(data ?? []).map(({ phase, number, title }) => (
        <option key={phase} value={phase}>
          {number}: {title}
        </option>
      ))}
    </SelectField>
  );
}
