import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import { useSession, useWorkspace } from "../state/context";
import { listedObjects } from "../state/selectors";
import { FrameDetails } from "./FrameDetails";
import { ObjectRow } from "./ObjectRow";
import styles from "./ObjectsPanel.module.css";

/** The video's objects, and what is known of the selected one on this frame. */
export function ObjectsPanel() {
  const session = useSession();
  const objects = useWorkspace(listedObjects);
  const loaded = useWorkspace((state) => state.loaded);
  return (
    <aside className={styles.panel} aria-label="Objects" data-testid="objects-panel">
      <header className={styles.header}>
        <h2>Objects</h2>
        <span className={styles.count}>{objects.length > 0 && objects.length}</span>
        <Tooltip content="New object" keys="N" side="left">
          <Button tone="quiet" onClick={() => session.actions.newObject()} data-testid="new-object">
            <Icon name="plus" size={14} /> New
          </Button>
        </Tooltip>
      </header>
      <ul className={styles.list} data-testid="objects">
        {objects.map((object) => (
          <ObjectRow key={object.key} object={object} />
        ))}
      </ul>
      {loaded && objects.length === 0 && <FirstSteps />}
      <FrameDetails />
    </aside>
  );
}

function FirstSteps() {
  return (
    <div className={styles.first} data-testid="no-objects">
      <strong>No objects yet</strong>
      <p>
        Click an object in the video, or drag a box around it. Its mask appears as soon as the model answers.
      </p>
    </div>
  );
}
