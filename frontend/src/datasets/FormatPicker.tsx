import { useQuery } from "@tanstack/react-query";
import { exportFormatsQuery } from "@/api/queries";
import { SelectField } from "@/ui/Field";

interface FormatPickerProps {
  readonly value: string;
  readonly onChange: (format: string) => void;
}

/** The formats a dataset can be written in, as the server lists them, with what the chosen one cannot hold. */
export function FormatPicker({ value, onChange }: FormatPickerProps) {
  const { data: formats } = useQuery(exportFormatsQuery);
  const chosen = formats?.find(({ name }) => name === value);
  return (
    <SelectField
      label="Format"
      value={value}
      disabled={!formats}
      hint={
        chosen?.frames[0] === "jpeg"
          ? `${chosen.loses} Frames are compressed again as JPEG, unless you choose PNG.`
          : chosen?.loses
      }
      onChange={(event) => onChange(event.target.value)}
      data-testid="export-format"
    >
      {formats?.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </SelectField>
  );
}
