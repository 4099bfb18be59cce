import { giveClass, setValue } from "../../classes/descriptions";
import { attributesOf, classTree } from "../../classes/ontologyLookup";
import { holding } from "../../classes/timelines";
import { mayEdit } from "../../state/barrier";
import { useSession, useWorkspace } from "../../state/context";
import { frameOnStage, listedObjects } from "../../state/selectors";
import { AttributeField, ChoiceField } from "./AttributeField";
import styles from "./Attributes.module.css";
import { fromFrame } from "./fromFrame";
import { indented } from "./indented";

/** Class and attributes of the selected object, as they are on this frame; nothing where the project has none. */
export function ObjectDescription() {
  const session = useSession();
  const object = useWorkspace((state) => listedObjects(state).find(({ key }) => key === state.selected));
  const editable = useWorkspace((state) => mayEdit(state, state.selected));
  const ontology = useWorkspace((state) => state.ontology);
  const frameIndex = useWorkspace(frameOnStage);
  const attributes = attributesOf(ontology, "object");
  if (object === undefined || ontology.classes.length + attributes.length === 0) return null;
  return (
    <fieldset
      className={styles.labels}
      disabled={!editable}
      aria-label="This object"
      data-testid="object-description"
    >
      <h3>{object.name}</h3>
      {ontology.classes.length > 0 && (
        <ChoiceField
          name="Class"
          word={object.objectClass?.id ?? null}
          unsaid="None"
          options={classTree(ontology).map(({ of, depth }) => ({
            word: of.id,
            name: indented(of.name, depth) + (of.key ? `  (${of.key})` : ""),
          }))}
          testId="object-class-select"
          onChoose={(classId) => giveClass(session, object.key, classId)}
        />
      )}
      {attributes.map((attribute) => {
        const at = attribute.changes ? frameIndex : 0;
        const held = holding(object.attributes[attribute.id], at);
        return (
          <AttributeField
            key={`${object.key} ${attribute.id}`}
            attribute={attribute}
            value={held?.value ?? null}
            missing="Required"
            hint={fromFrame(attribute, held)}
            onChange={(value) =>
              setValue(session, object.key, { attributeId: attribute.id, value, frameIndex: at })
            }
          />
        );
      })}
    </fieldset>
  );
}
