import type { Video } from "@/api/types";
import { attributesOf } from "../../classes/ontologyLookup";
import { holding } from "../../classes/timelines";
import { mayEdit } from "../../state/barrier";
import { useWorkspace } from "../../state/context";
import { frameOnStage } from "../../state/selectors";
import { AttributeField } from "./AttributeField";
import styles from "./Attributes.module.css";
import { fromFrame } from "./fromFrame";
import { useVideoLabels } from "./useVideoLabels";

/** What is said of the frame that is shown, whatever objects are on it; nothing where the project asks for nothing. */
export function FrameLabels({ video: { id } }: { readonly video: Video }) {
  const { video, label } = useVideoLabels(id);
  const ontology = useWorkspace((state) => state.ontology);
  const frameIndex = useWorkspace(frameOnStage);
  const editable = useWorkspace(mayEdit);
  const attributes = attributesOf(ontology, "frame");
  if (video === undefined || attributes.length === 0) return null;
  return (
    <fieldset
      className={styles.labels}
      disabled={!editable}
      aria-label="This frame's attributes"
      data-testid="frame-labels"
    >
      <h3>Frame {frameIndex}</h3>
      {attributes.map((attribute) => {
        const held = holding(video.attributes[attribute.id], frameIndex);
        return (
          <AttributeField
            key={attribute.id}
            attribute={attribute}
            value={held?.value ?? null}
            missing="Required"
            hint={fromFrame(attribute, held)}
            onChange={(value) =>
              label({ attributes: [{ attribute_id: attribute.id, frame_index: frameIndex, value }] })
            }
          />
        );
      })}
    </fieldset>
  );
}
