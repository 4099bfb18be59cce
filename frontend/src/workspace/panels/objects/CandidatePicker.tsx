import { Tooltip } from "@/ui/Tooltip";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { useSession, useWorkspace } from "../../state/context";
import { candidateOf, frameOnStage, NUM_CANDIDATES } from "../../state/selectors";
import styles from "./CandidatePicker.module.css";

const CANDIDATES = Array.from({ length: NUM_CANDIDATES }, (_, candidate) => candidate);

/** Chooses among SAM's candidates for a lone click; disabled where there are none. */
export function CandidatePicker() {
  const session = useSession();
  const shown = useWorkspace((state) =>
    state.selected === null ? null : candidateOf(state, state.selected, frameOnStage(state)),
  );
  return (
    <Tooltip
      content="A click may mean a part, an object or a group: show the next candidate"
      shortcut={SHORTCUTS.nextCandidate}
      side="left"
    >
      <span
        className={styles.picker}
        role="radiogroup"
        aria-label="Candidate for the click"
        data-testid="candidates"
      >
        {CANDIDATES.map((candidate) => (
          // biome-ignore lint/a11y/useSemanticElements: a radio input would keep the arrow keys from the timeline.
          <button
            key={candidate}
            type="button"
            role="radio"
            aria-checked={shown === candidate}
            aria-label={`Candidate ${candidate + 1} of ${NUM_CANDIDATES}`}
            disabled={shown === null}
            onClick={() => session.actions.chooseCandidate(candidate)}
            data-testid={`candidate-${candidate + 1}`}
          >
            {candidate + 1}
          </button>
        ))}
      </span>
    </Tooltip>
  );
}
