/** An ontology while somebody edits it. */
import { CLASS_KEYS } from "@/api/ontology";
import type { AttributeKind, AttributeScope, ClassKey, Id, Ontology, OntologyWrite } from "@/api/types";
import { colorOf } from "@/canvas/palette";

/** A row has its own number, because a new one has no id and its name changes with every letter. */
interface Row {
  readonly row: number;
  readonly id: Id | null;
  readonly name: string;
}

export interface ClassDraft extends Row {
  readonly color: string;
  readonly key: ClassKey | null;
  readonly nounPhrase: string;
  /** The row of the class that it is a kind of. */
  readonly parent: number | null;
}

export interface AttributeDraft extends Row {
  readonly scope: AttributeScope;
  readonly kind: AttributeKind;
  readonly required: boolean;
  readonly changes: boolean;
  readonly choices: readonly Row[];
}

export interface OntologyDraft {
  readonly classes: readonly ClassDraft[];
  readonly attributes: readonly AttributeDraft[];
}

let rows = 0;

export function newRow(name = "", id: Id | null = null): Row {
  rows += 1;
  return { row: rows, id, name };
}

/** The first key that no class has, and the next colour. */
export function newClass(classes: readonly ClassDraft[]): ClassDraft {
  const taken = new Set(classes.map(({ key }) => key));
  const key = CLASS_KEYS.find((each) => !taken.has(each)) ?? null;
  return { ...newRow(), color: colorOf(classes.length), key, nounPhrase: "", parent: null };
}

export function newAttribute(scope: AttributeScope): AttributeDraft {
  return {
    ...newRow(),
    scope,
    kind: "choice",
    required: false,
    changes: scope === "frame",
    choices: [newRow()],
  };
}

/** Also from a file, which may leave out what has a default. */
export function draftOf({ classes = [], attributes = [] }: Partial<OntologyWrite | Ontology>): OntologyDraft {
  const parents = classes.map(({ parent }) => parent ?? null);
  const plain = classes.map((each, index) => ({
    ...newRow(each.name, each.id ?? null),
    color: each.color ?? colorOf(index),
    key: each.key ?? null,
    nounPhrase: each.noun_phrase ?? "",
  }));
  const rowNamed = (name: string | null) =>
    plain.find((each) => name !== null && sameName(each.name, name))?.row ?? null;
  return {
    classes: plain.map((each, index) => ({ ...each, parent: rowNamed(parents[index] ?? null) })),
    attributes: attributes.map((each) => ({
      ...newRow(each.name, each.id ?? null),
      scope: each.scope,
      kind: each.kind,
      required: each.required ?? false,
      changes: each.scope === "frame" || (each.changes ?? false),
      choices: (each.choices ?? []).map(({ name, id }) => newRow(name, id ?? null)),
    })),
  };
}

/** Rows without a name were begun and left: they are no part of it. */
export function documentOf({ classes, attributes }: OntologyDraft): OntologyWrite {
  const names = new Map(classes.map(({ row, name }) => [row, name.trim()]));
  return {
    classes: classes.filter(isNamed).map(({ id, name, color, key, nounPhrase, parent }) => ({
      id,
      name: name.trim(),
      color,
      key,
      noun_phrase: nounPhrase.trim() || null,
      parent: (parent !== null && names.get(parent)) || null,
    })),
    attributes: attributes.filter(isNamed).map(({ id, name, scope, kind, required, changes, choices }) => ({
      id,
      name: name.trim(),
      scope,
      kind,
      required,
      changes: scope === "frame" || (scope === "object" && changes),
      choices:
        kind === "choice"
          ? choices.filter(isNamed).map((each) => ({ id: each.id, name: each.name.trim() }))
          : [],
    })),
  };
}

/** What is wrong with it already, by row; the server checks everything again. */
export function faultsOf({ classes, attributes }: OntologyDraft): ReadonlyMap<number, string> {
  const faults = new Map<number, string>();
  for (const rows of [classes, attributes, ...attributes.map(({ choices }) => choices)]) {
    rows.filter(isNamed).forEach((each, index, named) => {
      const isDouble = named.some((other, at) => at < index && sameName(other.name, each.name));
      if (isDouble) faults.set(each.row, `There is another ${each.name.trim()}.`);
    });
  }
  const keys = new Map<string, ClassDraft>();
  for (const each of classes) {
    const other = each.key === null ? undefined : keys.get(each.key);
    if (other !== undefined) faults.set(each.row, `${other.name} has the key ${each.key} as well.`);
    else if (each.key !== null) keys.set(each.key, each);
    if (isOwnAncestor(each, classes)) faults.set(each.row, `${each.name} would be a kind of itself.`);
  }
  for (const { row, name, kind, choices } of attributes) {
    if (name.trim() !== "" && kind === "choice" && !choices.some(isNamed))
      faults.set(row, "There is nothing to choose from.");
  }
  return faults;
}

function isOwnAncestor(of: ClassDraft, classes: readonly ClassDraft[]): boolean {
  const above = new Map(classes.map(({ row, parent }) => [row, parent]));
  let row = of.parent;
  for (let steps = 0; row !== null && steps <= classes.length; steps += 1) {
    if (row === of.row) return true;
    row = above.get(row) ?? null;
  }
  return false;
}

export function isNamed({ name }: Pick<Row, "name">): boolean {
  return name.trim() !== "";
}

/** As the server compares names. */
export function sameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

/** The same list with a row put `by` places up or down. */
export function moved<R extends Pick<Row, "row">>(rows: readonly R[], row: number, by: number): readonly R[] {
  const from = rows.findIndex((each) => each.row === row);
  const to = from + by;
  const taken = rows[from];
  if (taken === undefined || to < 0 || to >= rows.length) return rows;
  const others = rows.filter((each) => each.row !== row);
  return [...others.slice(0, to), taken, ...others.slice(to)];
}
