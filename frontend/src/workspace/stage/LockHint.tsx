import { Kbd } from "@/ui/Kbd";
import { Mark } from "../icons";
import { SHORTCUTS } from "../shortcuts/shortcuts";
import { useWorkspace } from "../state/context";
import { isLockedHere } from "../state/locks";
import { listedObjects } from "../state/selectors";
import styles from "./LockHint.module.css";

/** Over the video: the selected object is locked on this frame, and the key that unlocks it. */
export function LockHint() {
  const locked = useWorkspace(isLockedHere);
  const object = useWorkspace((state) => listedObjects(state).find(({ key }) => key === state.selected));
  if (!locked || object === undefined) return null;
  return (
    <p className={styles.hint} role="status" data-testid="lock-hint">
      <Mark name="lock" size={14} /> {object.name} is locked on this frame{" "}
      <Kbd shortcut={SHORTCUTS.toggleLock} />
    </p>
  );
}
