import { videoPoint } from "@/geometry/points";
import { toScreen } from "@/geometry/viewport";
import { Kbd } from "@/ui/Kbd";
import { useWorkspace } from "../state/context";
import { NUM_READINGS, promptsOf, readingOf } from "../state/selectors";
import type { WorkspaceState } from "../state/store";
import styles from "./CandidateHint.module.css";

/** Beside a lone click: which of the model's readings is shown, and the key for the next one. */
export function ReadingHint() {
  const reading = useWorkspace(shownReading);
  const click = useWorkspace((state) => loneClick(state));
  const view = useWorkspace((state) => (shownReading(state) === null ? null : state.view));
  if (reading === null || click === null || view === null) return null;
  const at = toScreen(view, videoPoint(click.x + 0.5, click.y + 0.5));
  return (
    <p className={styles.hint} style={{ left: at.x, top: at.y }} data-testid="reading-hint">
      {reading + 1} of {NUM_READINGS} <Kbd keys="C" />
    </p>
  );
}

function shownReading(state: WorkspaceState): number | null {
  const { selected, shownFrame, peeking, hidden, playRate } = state;
  if (selected === null || shownFrame === null || peeking || hidden.has(selected) || playRate !== 0)
    return null;
  return readingOf(state, selected, shownFrame);
}

function loneClick(state: WorkspaceState) {
  const { selected, shownFrame } = state;
  if (selected === null || shownFrame === null) return null;
  return promptsOf(state, selected, shownFrame).clicks[0] ?? null;
}
