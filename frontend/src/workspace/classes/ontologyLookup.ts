/** Looking things up in an ontology. */
import type { Attribute, Id, ObjectClass, Ontology } from "@/api/types";

export const NO_ONTOLOGY: Ontology = { classes: [], attributes: [] };

/** Objects without a class, as a filter. */
export const NO_CLASS = "none";

export function classById({ classes }: Ontology, id: Id | null): ObjectClass | null {
  return id === null ? null : (classes.find((each) => each.id === id) ?? null);
}

export function attributesOf({ attributes }: Ontology, scope: Attribute["scope"]): readonly Attribute[] {
  return attributes.filter((each) => each.scope === scope);
}

/** Classes as a tree in the order of the ontology, with how deep each stands. */
export function classTree(
  { classes }: Ontology,
  parent: string | null = null,
  depth = 0,
): readonly { readonly of: ObjectClass; readonly depth: number }[] {
  return classes
    .filter((each) => each.parent === parent)
    .flatMap((each) => [
      { of: each, depth },
      ...classTree({ classes, attributes: [] }, each.name, depth + 1),
    ]);
}
