import { useQuery } from "@tanstack/react-query";
import { ontologyQuery } from "@/api/queries";
import type { Id } from "@/api/types";
import { classesText } from "./exportChoices";
import { TickedChoice } from "./TickedChoice";

interface ClassChoiceProps {
  readonly projectId: Id;
  /** Null in it: objects without a class. Null: all objects. */
  readonly value: readonly (Id | null)[] | null;
  readonly onChange: (chosen: (Id | null)[] | null) => void;
}

/** Objects of all classes, or of some. A project without classes has nothing to choose. */
export function ClassChoice({ projectId, value, onChange }: ClassChoiceProps) {
  const classes = useQuery(ontologyQuery(projectId)).data?.ontology.classes ?? [];
  if (classes.length === 0) return null;
  const named = classes.map(({ id, name, color, parent }) => ({
    key: id,
    name,
    color,
    detail: parent ?? "",
  }));
  return (
    <TickedChoice<Id | null>
      label="Classes"
      countText={classesText}
      entries={[...named, { key: null, name: "Objects without a class" }]}
      none=""
      value={value}
      onChange={onChange}
      testId="export-classes"
    />
  );
}
