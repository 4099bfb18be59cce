import type { Project } from "@/api/types";
import { TextField } from "@/ui/Field";
import { Switch } from "@/ui/Switch";
import styles from "./Forms.module.css";

/** A project's rules for videos and masklets, as the form holds them. */
export interface Rules {
  readonly minEdited: string;
  readonly needsEnvironment: boolean;
  readonly val: string;
  readonly test: string;
}

export function rulesOf(project: Project): Rules {
  return {
    minEdited: String(project.min_edited_frames),
    needsEnvironment: project.needs_environment,
    val: String(project.val_percent),
    test: String(project.test_percent),
  };
}

interface DatasetRulesProps {
  readonly rules: Rules;
  readonly onChange: (rules: Rules) => void;
}

export function DatasetRules({ rules, onChange }: DatasetRulesProps) {
  return (
    <>
      <div className={styles.pair}>
        <TextField
          label="Edited frames at least"
          type="number"
          min={0}
          max={1000}
          value={rules.minEdited}
          hint="Masklets with fewer are too easy to be exported."
          onChange={(event) => onChange({ ...rules, minEdited: event.target.value })}
          data-testid="min-edited"
        />
        <TextField
          label="Val %"
          type="number"
          min={0}
          max={100}
          value={rules.val}
          hint="Of the sources."
          onChange={(event) => onChange({ ...rules, val: event.target.value })}
        />
        <TextField
          label="Test %"
          type="number"
          min={0}
          max={100}
          value={rules.test}
          hint="The rest is train."
          onChange={(event) => onChange({ ...rules, test: event.target.value })}
        />
      </div>
      <Switch
        label="Ask for the environment"
        hint="Indoor or outdoor, before a video is submitted."
        checked={rules.needsEnvironment}
        onChange={(needsEnvironment) => onChange({ ...rules, needsEnvironment })}
      />
    </>
  );
}
