import { keyText } from "@/keys/shortcut";
import { Tooltip } from "@/ui/Tooltip";
import { Mark, ToolIcon } from "../icons";
import { SHORTCUTS } from "../shortcuts/shortcuts";
import { mayEdit } from "../state/barrier";
import { useSession, useWorkspace } from "../state/context";
import { offeredTools, rulesInHand } from "../state/phaseBook";
import { toolOf } from "../tools/tools";
import styles from "./ToolRail.module.css";

/** The tools, the brush size, undo and redo. */
export function ToolRail() {
  const session = useSession();
  const rules = useWorkspace(rulesInHand);
  const editable = useWorkspace(mayEdit);
  const tool = useWorkspace((state) => state.tool);
  const brushRadius = useWorkspace((state) => state.brushRadius);
  return (
    <div className={styles.rail} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {offeredTools(rules).map((offered) => (
        <Tooltip key={offered.id} shortcut={offered} side="right">
          <button
            type="button"
            className={styles.tool}
            aria-label={offered.label}
            aria-pressed={tool === offered.id}
            onClick={() => session.view.takeTool(offered.id)}
            data-testid={`tool-${offered.id}`}
          >
            <ToolIcon path={offered.icon} />
          </button>
        </Tooltip>
      ))}
      <label
        className={styles.size}
        data-shown={toolOf(tool).hasRadius}
        title={`Brush size: ${keyText(SHORTCUTS.smallerBrush)} and ${keyText(SHORTCUTS.largerBrush)}`}
      >
        <input
          type="range"
          min={1}
          max={120}
          value={brushRadius}
          aria-label="Brush radius in pixels of the video"
          onChange={(event) => session.view.setBrush(Number(event.target.value))}
          onPointerUp={(event) => event.currentTarget.blur()}
          data-testid="brush-radius"
        />
        <output>{Math.round(brushRadius)}</output>
      </label>
      <span className={styles.gap} />
      {editable && <HistoryButton kind="undo" />}
      {editable && <HistoryButton kind="redo" />}
    </div>
  );
}

function HistoryButton({ kind }: { readonly kind: "undo" | "redo" }) {
  const session = useSession();
  // An edit on its way will be undoable by the time the undo arrives.
  const possible = useWorkspace((state) => state.replica.history[kind] !== null || state.queue.length > 0);
  const limit = useWorkspace((state) => state.replica.history[`${kind}_limit`]);
  const shortcut = SHORTCUTS[kind];
  return (
    <Tooltip {...(limit === null ? {} : { content: limit })} shortcut={shortcut} side="right">
      <button
        type="button"
        className={styles.tool}
        aria-label={shortcut.label}
        disabled={!possible && limit === null}
        data-limited={!possible && limit !== null}
        onClick={() => session.actions.step(kind)}
        data-testid={kind}
      >
        <Mark name={kind} />
      </button>
    </Tooltip>
  );
}
