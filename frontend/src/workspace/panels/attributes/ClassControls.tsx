import { Button } from "@/ui/Button";
import { Tooltip } from "@/ui/Tooltip";
import { classTree, NO_CLASS } from "../../classes/ontologyLookup";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { useSession, useWorkspace } from "../../state/context";
import styles from "./Attributes.module.css";
import { indented } from "./indented";

const ALL = "";

/** Which classes are shown, and what gives objects their colour; nothing in a project without classes. */
export function ClassControls() {
  const { store, view } = useSession();
  const ontology = useWorkspace((state) => state.ontology);
  const filter = useWorkspace((state) => state.classFilter);
  const colorBy = useWorkspace((state) => state.colorBy);
  if (ontology.classes.length === 0) return null;
  return (
    <div className={styles.controls}>
      <select
        value={filter ?? ALL}
        aria-label="Show objects of"
        onChange={(event) => store.setState({ classFilter: event.target.value || null })}
        data-testid="class-filter"
      >
        <option value={ALL}>All classes</option>
        {classTree(ontology).map(({ of, depth }) => (
          <option key={of.id} value={of.id}>
            {indented(of.name, depth)}
          </option>
        ))}
        <option value={NO_CLASS}>Without a class</option>
      </select>
      <Tooltip shortcut={SHORTCUTS.toggleColorBy} side="left">
        <Button
          tone="quiet"
          aria-pressed={colorBy === "class"}
          onClick={() => view.toggleColorBy()}
          data-testid="color-by"
        >
          {colorBy === "class" ? "Class colours" : "Object colours"}
        </Button>
      </Tooltip>
    </div>
  );
}
