import { Badge } from "@/ui/Badge";
import { IconButton } from "@/ui/Button";
import { Tooltip } from "@/ui/Tooltip";
import { TopBarSlot } from "@/ui/TopBarSlot";
import { Mark } from "../../icons";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { barrierOf, barrierWords, mayEdit } from "../../state/barrier";
import { useSession, useWorkspace } from "../../state/context";
import { rulesInHand } from "../../state/phaseBook";
import { SavedChip } from "./SavedChip";
import { TaskChip } from "./TaskChip";
import styles from "./TopBarParts.module.css";

/** The workspace's own part of the top bar. */
export function TopBarParts() {
  const session = useSession();
  const rules = useWorkspace(rulesInHand);
  const editable = useWorkspace(mayEdit);
  const why = useWorkspace((state) => barrierWords(barrierOf(state)));
  const unsaved = useWorkspace((state) => state.queue.length + state.refusedEdits.length > 0);
  return (
    <TopBarSlot>
      <TaskChip />
      {!editable && (
        <Tooltip content={why}>
          <span data-testid="view-only">
            <Badge>View only</Badge>
          </span>
        </Tooltip>
      )}
      {(editable || unsaved) && <SavedChip />}
      {rules !== undefined && (
        <Tooltip content={rules.summary}>
          <span data-testid="phase">
            <Badge>
              Phase {rules.number}
              <span className={styles.title}>: {rules.title}</span>
            </Badge>
          </span>
        </Tooltip>
      )}
      <Tooltip content="Keyboard shortcuts" shortcut={SHORTCUTS.openSheet}>
        <IconButton
          label="Keyboard shortcuts"
          onClick={() => session.view.openSheet(true)}
          data-testid="open-shortcuts"
        >
          <Mark name="help" />
        </IconButton>
      </Tooltip>
    </TopBarSlot>
  );
}
