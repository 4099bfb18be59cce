import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { autoLabelingQuery, isActive } from "@/api/queries";
import type { Video } from "@/api/types";
import { AutolabelDialog } from "@/autolabel/AutolabelDialog";
import { AutolabelProgress } from "@/autolabel/AutolabelProgress";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import { classById } from "../../classes/ontologyLookup";
import { shownObjects } from "../../classes/shownObjects";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { mayEdit } from "../../state/barrier";
import { useSession, useWorkspace } from "../../state/context";
import { listedObjects, lookFor, nextNumber, numRejected, taskObject } from "../../state/selectors";
import { toolOf } from "../../tools/tools";
import { ClassControls } from "../attributes/ClassControls";
import { FrameLabels } from "../attributes/FrameLabels";
import { ObjectDescription } from "../attributes/ObjectDescription";
import { VideoLabels } from "../attributes/VideoLabels";
import { FrameDetails } from "./FrameDetails";
import { ObjectChip } from "./ObjectChip";
import { ObjectRow } from "./ObjectRow";
import styles from "./ObjectsPanel.module.css";
import { VerdictNote } from "./VerdictNote";

/** The video's objects, and what is known of the selected one on this frame. */
export function ObjectsPanel({ video }: { readonly video: Video }) {
  const session = useSession();
  const objects = useWorkspace(shownObjects);
  const total = useWorkspace((state) => listedObjects(state).length);
  const editable = useWorkspace(mayEdit);
  const loaded = useWorkspace((state) => state.loaded);
  const aboutOne = useWorkspace(taskObject) !== null;
  return (
    <aside className={styles.panel} aria-label="Objects" data-testid="objects-panel">
      <header className={styles.header}>
        <h2>Objects</h2>
        <span className={styles.count}>
          {total > 0 && (objects.length === total ? total : `${objects.length} of ${total}`)}
        </span>
        {editable && !aboutOne && <FindObjects />}
        {editable && !aboutOne && (
          <Tooltip shortcut={SHORTCUTS.newObject} side="left">
            <Button tone="quiet" onClick={() => session.actions.newObject()} data-testid="new-object">
              <Icon name="plus" size={14} /> New
            </Button>
          </Tooltip>
        )}
      </header>
      <SearchProgress />
      <ClassControls />
      <ul className={styles.list} data-testid="objects">
        {objects.map((object) => (
          <ObjectRow key={object.key} object={object} />
        ))}
        {objects.length > 0 && <NextObject />}
        <Rejected />
      </ul>
      {loaded && total === 0 && <FirstSteps />}
      {total > 0 && objects.length === 0 && <p className={styles.empty}>No object of this class.</p>}
      <div className={styles.about}>
        <VerdictNote />
        <ObjectDescription />
        <FrameDetails />
        <FrameLabels video={video} />
        <VideoLabels videoId={video.id} projectId={video.project_id} />
      </div>
    </aside>
  );
}

/** With nothing selected the next click begins an object; this says which. */
function NextObject() {
  const shown = useWorkspace((state) => state.selected === null && toolOf(state.tool).phaseTool !== null);
  const number = useWorkspace(nextNumber);
  const colorBy = useWorkspace((state) => state.colorBy);
  const inHand = useWorkspace(({ ontology, classInHand }) => classById(ontology, classInHand));
  return (
    <li className={styles.next} data-shown={shown} aria-hidden={!shown} data-testid="next-object">
      <ObjectChip look={lookFor(colorBy, number - 1, inHand)} number={number} />
      {inHand === null ? "Click the video for a new object" : `Click the video for: ${inHand.name}`}
    </li>
  );
}

function FindObjects() {
  const [open, setOpen] = useState(false);
  const id = useWorkspace((state) => state.video.id);
  return (
    <>
      <Tooltip content="Let the model find objects" side="left">
        <Button tone="quiet" onClick={() => setOpen(true)} data-testid="find-objects">
          <Icon name="wand" size={14} /> Find
        </Button>
      </Tooltip>
      {open && <AutolabelDialog target={{ kind: "video", id, name: "" }} onClose={() => setOpen(false)} />}
    </>
  );
}

function SearchProgress() {
  const id = useWorkspace((state) => state.video.id);
  const { data } = useQuery(autoLabelingQuery(id));
  return isActive(data?.job ?? null) ? (
    <div className={styles.search}>
      <AutolabelProgress labeling={data} />
    </div>
  ) : null;
}

/** The number of rejected automatic masklets, and a switch that lists them. */
function Rejected() {
  const { store } = useSession();
  const number = useWorkspace(numRejected);
  const shown = useWorkspace((state) => state.showsRejected);
  if (number === 0) return null;
  return (
    <li className={styles.rejected}>
      {number} rejected
      <Button
        tone="quiet"
        onClick={() => store.setState({ showsRejected: !shown })}
        data-testid="show-rejected"
      >
        {shown ? "Hide" : "Show"}
      </Button>
    </li>
  );
}

function FirstSteps() {
  const editable = useWorkspace(mayEdit);
  return (
    <div className={styles.first} data-testid="no-objects">
      <strong>No objects yet</strong>
      <p>
        {editable
          ? "Click an object in the video, or drag a box around it. Its mask appears as soon as the model answers. Or let the model find objects by itself."
          : "Nobody has annotated this video yet."}
      </p>
    </div>
  );
}
