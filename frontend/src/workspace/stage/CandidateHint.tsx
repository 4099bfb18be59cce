import { videoPoint } from "@/geometry/points";
import { toScreen } from "@/geometry/viewport";
import { Kbd } from "@/ui/Kbd";
import { SHORTCUTS } from "../shortcuts/shortcuts";
import { useWorkspace } from "../state/context";
import { candidateOf, NUM_CANDIDATES, promptsOf } from "../state/selectors";
import type { WorkspaceState } from "../state/store";
import styles from "./CandidateHint.module.css";

/** Beside a lone click: which of the model's candidates is shown, and the key for the next one. */
export function CandidateHint() {
  const candidate = useWorkspace(shownCandidate);
  const click = useWorkspace((state) => loneClick(state));
  const view = useWorkspace((state) => (shownCandidate(state) === null ? null : state.view));
  if (candidate === null || click === null || view === null) return null;
  const at = toScreen(view, videoPoint(click.x + 0.5, click.y + 0.5));
  return (
    <p className={styles.hint} style={{ left: at.x, top: at.y }} data-testid="candidate-hint">
      {candidate + 1} of {NUM_CANDIDATES} <Kbd shortcut={SHORTCUTS.nextCandidate} />
    </p>
  );
}

function shownCandidate(state: WorkspaceState): number | null {
  const { selected, shownFrame, peeking, hidden, playRate } = state;
  if (selected === null || shownFrame === null || peeking || hidden.has(selected) || playRate !== 0)
    return null;
  return candidateOf(state, selected, shownFrame);
}

function loneClick(state: WorkspaceState) {
  const { selected, shownFrame } = state;
  if (selected === null || shownFrame === null) return null;
  return promptsOf(state, selected, shownFrame).clicks[0] ?? null;
}
