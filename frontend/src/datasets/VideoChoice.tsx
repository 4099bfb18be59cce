import type { Id, Video } from "@/api/types";
import { countText } from "@/ui/numbers";
import { TickedChoice } from "./TickedChoice";

interface VideoChoiceProps {
  readonly videos: readonly Video[];
  /** Null: all of them. */
  readonly value: readonly Id[] | null;
  readonly onChange: (chosen: Id[] | null) => void;
}

/** All videos of a project, or some that are ready. */
export function VideoChoice({ videos, value, onChange }: VideoChoiceProps) {
  const ready = videos.filter(({ state }) => state === "ready");
  return (
    <TickedChoice
      label="Videos"
      countText={(count) => countText(count, "video")}
      entries={ready.map(({ id, name, effective_split }) => ({ key: id, name, detail: effective_split }))}
      none="No video is ready yet."
      value={value}
      onChange={onChange}
      testId="export-videos"
    />
  );
}
