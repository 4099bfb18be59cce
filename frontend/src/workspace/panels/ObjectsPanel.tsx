import type { Video } from "@/api/types";
import { lookOf } from "@/canvas/palette";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import { useSession, useWorkspace } from "../state/context";
import { listedObjects, nextNumber } from "../state/selectors";
import { FrameDetails } from "./FrameDetails";
import { ObjectChip } from "./ObjectChip";
import { ObjectRow } from "./ObjectRow";
import styles from "./ObjectsPanel.module.css";
import { VideoLabels } from "./VideoLabels";

/** The video's objects, and what is known of the selected one on this frame. */
export function ObjectsPanel({ video }: { readonly video: Video }) {
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
        {objects.length > 0 && <NextObject />}
      </ul>
      {loaded && objects.length === 0 && <FirstSteps />}
      <FrameDetails />
      <VideoLabels videoId={video.id} projectId={video.project_id} />
    </aside>
  );
}

/** With nothing selected the next click begins an object; this says which, so that nobody is surprised. */
function NextObject() {
  const shown = useWorkspace((state) => state.selected === null && state.tool !== "select");
  const number = useWorkspace(nextNumber);
  return (
    <li className={styles.next} data-shown={shown} aria-hidden={!shown} data-testid="next-object">
      <ObjectChip look={lookOf(number - 1)} number={number} />
      Click the video for a new object
    </li>
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
