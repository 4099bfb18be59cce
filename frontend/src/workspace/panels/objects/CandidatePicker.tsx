import { Tooltip } from "@/ui/Tooltip";
import { useSession, useWorkspace } from "../../state/context";
import { frameOnStage, NUM_READINGS, readingOf } from "../../state/selectors";
import styles from "./CandidatePicker.module.css";

const READINGS = Array.from({ length: NUM_READINGS }, (_, candidate) => candidate);

/** What a lone click may mean, one at a time. It keeps its place where there is nothing to choose. */
export function ReadingPicker() {
  const session = useSession();
  const shown = useWorkspace((state) =>
    state.selected === null ? null : readingOf(state, state.selected, frameOnStage(state)),
  );
  return (
    <Tooltip
      content="A click may mean a part, an object or a group: show the next reading"
      keys="C"
      side="left"
    >
      <span
        className={styles.picker}
        role="radiogroup"
        aria-label="Reading of the click"
        data-testid="readings"
      >
        {READINGS.map((candidate) => (
          // biome-ignore lint/a11y/useSemanticElements: a radio input would keep the arrow keys from the timeline.
          <button
            key={candidate}
            type="button"
            role="radio"
            aria-checked={shown === candidate}
            aria-label={`Reading ${candidate + 1} of ${NUM_READINGS}`}
            disabled={shown === null}
            onClick={() => session.actions.chooseReading(candidate)}
            data-testid={`reading-${candidate + 1}`}
          >
            {candidate + 1}
          </button>
        ))}
      </span>
    </Tooltip>
  );
}
