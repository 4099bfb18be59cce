import { useQuery } from "@tanstack/react-query";
import { videosQuery } from "@/api/queries";
import type { ExportFormat, Id } from "@/api/types";
import { Disclosure } from "@/ui/Disclosure";
import { SelectField } from "@/ui/Field";
import { Switch } from "@/ui/Switch";
import { ClassChoice } from "./ClassChoice";
import {
  type Choices,
  choiceWords,
  FRAMES_WORDS,
  type Frames,
  OVERLAPS_WORDS,
  type Overlaps,
  takenBy,
} from "./exportChoices";
import styles from "./MoreChoices.module.css";
import { VideoChoice } from "./VideoChoice";

interface MoreChoicesProps {
  readonly projectId: Id;
  readonly format: ExportFormat;
  readonly value: Choices;
  readonly onChange: (choices: Choices) => void;
}

/** The choices that few exports need: which videos and objects, how frames are held, and who is on top. */
export function MoreChoices({ projectId, format, value, onChange }: MoreChoicesProps) {
  const { data: videos } = useQuery(videosQuery(projectId));
  const splits = [...new Set(videos?.map(({ effective_split }) => effective_split))].sort();
  const summary = choiceWords(takenBy(format, value), format).join(" · ");
  return (
    <Disclosure title="More choices" summary={summary} testId="more-choices">
      <div className={styles.fields}>
        <VideoChoice
          videos={videos ?? []}
          value={value.video_ids}
          onChange={(video_ids) => onChange({ ...value, video_ids })}
        />
        <ClassChoice
          projectId={projectId}
          value={value.classes}
          onChange={(classes) => onChange({ ...value, classes })}
        />
        <SelectField
          label="Split"
          value={value.splits?.[0] ?? ""}
          onChange={({ target }) => onChange({ ...value, splits: target.value ? [target.value] : null })}
          data-testid="export-split"
        >
          <option value="">All splits</option>
          {splits.map((split) => (
            <option key={split}>{split}</option>
          ))}
        </SelectField>
        <SelectField
          label="Objects"
          value={value.origins?.[0] ?? ""}
          onChange={({ target }) => onChange({ ...value, origins: originsIn(target.value) })}
          data-testid="export-origin"
        >
          <option value="">All objects</option>
          <option value="manual">That people began or worked on</option>
          <option value="auto">That the model alone made</option>
        </SelectField>
        {format.frames.length > 1 && (
          <SelectField
            label="Frames"
            value={takenBy(format, value).frames ?? format.frames[0]}
            onChange={({ target }) => onChange({ ...value, frames: target.value as Frames })}
            data-testid="export-frames"
          >
            {format.frames.map((frames) => (
              <option key={frames} value={frames}>
                {FRAMES_WORDS[frames]}
              </option>
            ))}
          </SelectField>
        )}
        {!format.holds_overlaps && (
          <SelectField
            label="Where objects overlap"
            value={value.overlaps ?? "later_on_top"}
            onChange={({ target }) => onChange({ ...value, overlaps: target.value as Overlaps })}
            data-testid="export-overlaps"
          >
            {Object.entries(OVERLAPS_WORDS).map(([overlaps, words]) => (
              <option key={overlaps} value={overlaps}>
                {words}
              </option>
            ))}
          </SelectField>
        )}
      </div>
      <Switch
        checked={value.empty_objects}
        onChange={(empty_objects) => onChange({ ...value, empty_objects })}
        label="Objects that are never visible"
        hint="They have no mask, but stand in the manifest and keep their numbers."
        testId="empty-objects"
      />
    </Disclosure>
  );
}

function originsIn(word: string): Choices["origins"] {
  return word === "manual" || word === "auto" ? [word] : null;
}
