/** Which objects are shown, and what is not said of them yet. */
import type { Id, Ontology, Video } from "@/api/types";
import { type ListedObject, listedObjects, taskObject } from "../state/selectors";
import type { WorkspaceState } from "../state/store";
import { attributesOf, classById, classTree, NO_CLASS } from "./ontologyLookup";

let shownFor: { listed: unknown; filter: unknown; selected: unknown; list: readonly ListedObject[] } | null =
  null;

/** The listed objects of the chosen class and its kinds. The selected one is always shown. */
export function shownObjects(state: WorkspaceState): readonly ListedObject[] {
  const listed = listedObjects(state);
  const { classFilter: filter, selected, ontology } = state;
  if (filter === null) return listed;
  if (shownFor?.listed === listed && shownFor.filter === filter && shownFor.selected === selected)
    return shownFor.list;
  const wanted = filter === NO_CLASS ? new Set([null]) : kindsOf(ontology, filter);
  const list = listed.filter(
    ({ key, objectClass }) => key === selected || wanted.has(objectClass?.id ?? null),
  );
  shownFor = { listed, filter, selected, list };
  return list;
}

/** A class and all that are kinds of it. */
function kindsOf(ontology: Ontology, id: Id): ReadonlySet<Id | null> {
  const root = classById(ontology, id);
  const below = root === null ? [] : classTree(ontology, root.name).map(({ of }) => of.id);
  return new Set([id, ...below]);
}

const MOST_NAMES = 8;

/** What is missing of what submitting hands over, in words; empty if nothing is. */
export function missingWords(state: WorkspaceState, video: Pick<Video, "attributes">): readonly string[] {
  const { ontology } = state;
  const aboutOne = taskObject(state);
  const objects = listedObjects(state).filter(({ key, work }) =>
    aboutOne === null ? work === "annotating" : key === aboutOne,
  );
  const words = attributesOf(ontology, "object")
    .filter(({ required }) => required)
    .map(({ id, name }) =>
      of(
        name,
        objects.filter(({ attributes }) => !(id in attributes)),
      ),
    );
  const classless = objects.filter(({ objectClass }) => objectClass === null);
  const frames = attributesOf(ontology, "frame").filter(
    ({ id, required }) => required && !(id in video.attributes),
  );
  return [
    ontology.classes.length === 0 ? "" : of("Class", classless),
    ...words,
    ...frames.map(({ name }) => `${name} of the frames`),
  ].filter((each) => each !== "");
}

function of(what: string, objects: readonly ListedObject[]): string {
  if (objects.length === 0) return "";
  const names = objects.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = objects.length - names.length;
  return `${what} of ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
