import { useWorkspace } from "../state/context";
import { frameStateOf } from "../state/selectors";
import styles from "./PromptProblemHint.module.css";

/** Over the video: why the prompts of the selected object on this frame got no mask. */
export function PromptProblemHint() {
  const problem = useWorkspace((state) => {
    const { selected, frameIndex } = state;
    return selected === null ? null : (frameStateOf(state, selected, frameIndex)?.problem ?? null);
  });
  if (problem === null) return null;
  return (
    <p className={styles.hint} role="status" data-testid="prompt-problem">
      <strong>These prompts could not be answered.</strong> {String(problem.detail ?? "Change them.")}
    </p>
  );
}
