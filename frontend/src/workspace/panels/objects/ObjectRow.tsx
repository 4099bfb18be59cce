import { useEffect, useMemo, useRef, useState } from "react";
import type { ObjectClass } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import { EyeIcon, Mark } from "../../icons";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { mayEdit } from "../../state/barrier";
import { useSession, useWorkspace } from "../../state/context";
import type { ListedObject } from "../../state/selectors";
import { NO_LANE } from "../../sync/replica";
import { laneModel } from "../../timeline/laneModel";
import { NameField } from "./NameField";
import { ObjectChip } from "./ObjectChip";
import styles from "./ObjectsPanel.module.css";
import { WorkMark } from "./WorkMark";

/** One object: select, rename, hide, delete; and how much of the video it is known in. */
export function ObjectRow({ object }: { readonly object: ListedObject }) {
  const session = useSession();
  const [renaming, setRenaming] = useState(false);
  const selected = useWorkspace((state) => state.selected === object.key);
  const editable = useWorkspace((state) => mayEdit(state, object.key));
  const hidden = useWorkspace((state) => state.hidden.has(object.key));
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView?.({ block: "nearest" });
  }, [selected]);
  const finish = (name: string | null) => {
    setRenaming(false);
    if (name !== null && name !== object.name) session.actions.rename(object.key, name);
  };
  return (
    <li
      ref={row}
      className={styles.row}
      data-selected={selected}
      data-hidden={hidden}
      data-testid={`object-${object.number}`}
    >
      <button
        type="button"
        className={styles.select}
        aria-pressed={selected}
        onClick={() => session.actions.select(object.key)}
        onDoubleClick={() => setRenaming(editable)}
      >
        <ObjectChip look={object.look} number={object.number} />
        {renaming ? (
          <NameField name={object.name} onDone={finish} />
        ) : (
          <span className={styles.name}>{object.name}</span>
        )}
        {object.objectClass !== null && <ClassTag of={object.objectClass} />}
        {object.locked && (
          <span
            className={styles.locked}
            title="Found automatically, verified and locked"
            data-testid="locked"
          >
            <Mark name="lock" />
          </span>
        )}
        {object.automatic && !object.locked && (
          <span className={styles.automatic} title="Found automatically">
            auto
          </span>
        )}
        <WorkMark object={object} />
        <Presence object={object} />
      </button>
      <span className={styles.tools}>
        <Tooltip content={hidden ? "Show" : "Hide"} shortcut={SHORTCUTS.toggleHidden} side="left">
          <IconButton
            label={hidden ? `Show ${object.name}` : `Hide ${object.name}`}
            aria-pressed={hidden}
            onClick={() => session.view.toggleHidden(object.key)}
          >
            <EyeIcon open={!hidden} />
          </IconButton>
        </Tooltip>
        {editable && (
          <Tooltip content="Delete the object; undo brings it back" side="left">
            <IconButton
              label={`Delete ${object.name}`}
              onClick={() => session.actions.deleteObject(object.key)}
            >
              <Icon name="trash" size={14} />
            </IconButton>
          </Tooltip>
        )}
      </span>
    </li>
  );
}

/** The class in its colour, whatever objects are coloured by. */
function ClassTag({ of: { name, color } }: { readonly of: ObjectClass }) {
  return (
    <span className={styles.class} title={name} data-testid="object-class">
      <span style={{ background: color }} aria-hidden="true" />
      {name}
    </span>
  );
}

function Presence({ object }: { readonly object: ListedObject }) {
  const lane = useWorkspace((state) => state.replica.lanes.get(object.key) ?? NO_LANE);
  const numFrames = useWorkspace((state) => state.video.numFrames);
  const model = useMemo(() => laneModel(lane), [lane]);
  const share = model.numKnown / numFrames;
  return (
    <span
      className={styles.presence}
      title={`Known in ${model.numKnown} of ${numFrames} frames, visible in ${model.numVisible}`}
    >
      <span className={styles.known}>
        {model.numVisible}/{numFrames}
      </span>
      <span className={styles.bar}>
        <span style={{ transform: `scaleX(${share})`, background: object.look.color }} />
      </span>
    </span>
  );
}
