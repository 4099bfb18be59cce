import { SelectField } from "@/ui/Field";

interface FormatPickerProps {
  readonly value: string;
  readonly onChange: (format: string) => void;
}

const FORMATS = [
  { value: "sa_v", label: "SA-V", hint: "One video and one JSON of COCO run lengths per video." },
];

export function FormatPicker({ value, onChange }: FormatPickerProps) {
  const hint = FORMATS.find((format) => format.value === value)?.hint;
  return (
    <SelectField label="Format" value={value} hint={hint} onChange={(event) => onChange(event.target.value)}>
      {FORMATS.map((format) => (
        <option key={format.value} value={format.value}>
          {format.label}
        </option>
      ))}
    </SelectField>
  );
}
