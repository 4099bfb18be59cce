import type { Ontology } from "@/api/types";
import { pressClass } from "../classes/descriptions";
import type { WorkspaceShortcut } from "./shortcut";

/** The keys of the project's classes. They come before all others: a digit that a class has picks no object. */
export function classShortcuts({ classes }: Ontology): readonly WorkspaceShortcut[] {
  return classes.flatMap(({ id, name, key }): readonly WorkspaceShortcut[] =>
    !key
      ? []
      : [
          {
            group: "Class of the object, or of the next",
            chords: [key],
            label: name,
            run: (session) => pressClass(session, id),
          },
        ],
  );
}
