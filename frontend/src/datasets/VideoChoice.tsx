import { useState } from "react";
import type { Id, Video } from "@/api/types";
import { SelectField, TextField } from "@/ui/Field";
import { countText } from "@/ui/numbers";
import styles from "./MoreChoices.module.css";

const FEW = 8;

interface VideoChoiceProps {
  readonly videos: readonly Video[];
  /** Null: all of them. */
  readonly value: readonly Id[] | null;
  readonly onChange: (chosen: Id[] | null) => void;
}

/** All videos of a project, or those that are ticked. */
export function VideoChoice({ videos, value, onChange }: VideoChoiceProps) {
  const [filter, setFilter] = useState("");
  const ready = videos.filter(({ state }) => state === "ready");
  const shown = ready.filter(({ name }) => name.toLowerCase().includes(filter.trim().toLowerCase()));
  const toggle = (id: Id, chosen: boolean) =>
    onChange(chosen ? [...(value ?? []), id] : (value ?? []).filter((other) => other !== id));
  return (
    <>
      <SelectField
        label="Videos"
        value={value === null ? "all" : "chosen"}
        onChange={({ target }) => onChange(target.value === "all" ? null : [])}
        data-testid="export-videos"
      >
        <option value="all">All videos</option>
        <option value="chosen">
          {value?.length ? `Chosen: ${countText(value.length, "video")}` : "Chosen videos"}
        </option>
      </SelectField>
      {value !== null && (
        <fieldset className={styles.videos} data-testid="export-video-list">
          <legend>
            {value.length === 0 ? "Tick the videos to export" : `${countText(value.length, "video")} chosen`}
          </legend>
          {ready.length > FEW && (
            <TextField
              label="Find"
              type="search"
              value={filter}
              onChange={(event) => setFilter(event.target.value)}
            />
          )}
          <div className={styles.checks}>
            {shown.map(({ id, name, effective_split }) => (
              <label key={id} className={styles.check}>
                <input
                  type="checkbox"
                  checked={value.includes(id)}
                  onChange={({ target }) => toggle(id, target.checked)}
                />
                <span className={styles.name}>{name}</span>
                <span className={styles.split}>{effective_split}</span>
              </label>
            ))}
            {shown.length === 0 && (
              <p className={styles.split}>
                {ready.length === 0 ? "No video is ready yet." : "No name has this in it."}
              </p>
            )}
          </div>
        </fieldset>
      )}
    </>
  );
}
