import { Button } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import { Mark } from "../icons";
import { SHORTCUTS } from "../shortcuts/shortcuts";
import { useSession, useWorkspace } from "../state/context";
import { wouldLock } from "../state/locks";
import styles from "./MarkedRange.module.css";
import { type TimelineScale, xOf } from "./timelineScale";
import { HEADER_WIDTH } from "./useTimelineScale";

/** The frames that were Shift-dragged, and what can be done to the selected object there. */
export function MarkedRange({ scale }: { readonly scale: TimelineScale }) {
  const { actions } = useSession();
  const range = useWorkspace((state) => state.range);
  const locks = useWorkspace((state) => state.selected !== null && wouldLock(state, state.selected));
  const selected = useWorkspace((state) => state.selected !== null);
  if (range === null) return null;
  const left = Math.max(xOf(scale, range.first), 0);
  const right = Math.min(xOf(scale, range.last + 1), scale.width);
  if (right <= 0 || left >= scale.width) return null;
  return (
    <div
      className={styles.range}
      style={{ left: HEADER_WIDTH + left, width: Math.max(right - left, 2) }}
      data-testid="marked-range"
    >
      <div
        className={styles.actions}
        data-range-actions
        style={{ right: left > scale.width / 2 ? 0 : undefined }}
      >
        <span>
          {range.first}–{range.last}
        </span>
        {selected ? (
          <Button tone="quiet" onClick={() => actions.toggleLock()} data-testid="lock-range">
            <Mark name={locks ? "lock" : "unlock"} size={14} /> {locks ? "Lock" : "Unlock"}{" "}
            <Kbd shortcut={SHORTCUTS.toggleLock} />
          </Button>
        ) : (
          <span className={styles.hint}>select an object to lock it here</span>
        )}
      </div>
    </div>
  );
}
