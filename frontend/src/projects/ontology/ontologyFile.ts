/** The file of an ontology: JSON as the server has it, in which ids, colours, keys and defaults may be left out. */
import { CLASS_KEYS, isClassKey } from "@/api/ontology";
import type { AttributeKind, AttributeScope, OntologyWrite } from "@/api/types";
import { draftOf, type OntologyDraft } from "./draft";

/** Reads an ontology's file, or throws an Error that names the place. */
export function fromFile(text: string): OntologyDraft {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`The file is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const whole = fieldsOf(value, "the file", ["classes", "attributes"]);
  const classes = listOf(whole, "classes").map((each, index) => classFrom(each, `classes[${index}]`));
  const attributes = listOf(whole, "attributes").map((each, index) =>
    attributeFrom(each, `attributes[${index}]`),
  );
  return draftOf({ classes, attributes });
}

const CLASS_FIELDS = ["id", "name", "color", "key", "noun_phrase", "parent"];
const ATTRIBUTE_FIELDS = ["id", "name", "scope", "kind", "required", "changes", "choices"];
const SCOPES: readonly AttributeScope[] = ["object", "frame", "video"];
const KINDS: readonly AttributeKind[] = ["choice", "number", "text", "yes_no"];

function classFrom(value: unknown, at: string): OntologyWrite["classes"][number] {
  const fields = fieldsOf(value, at, CLASS_FIELDS);
  const text = (name: string) => optionalText(fields, name, at);
  const key = text("key")?.toUpperCase() ?? null;
  const color = text("color");
  if (key !== null && !isClassKey(key))
    throw new Error(`${at}.key: ${key} is no key for a class; there are ${CLASS_KEYS.join(", ")}.`);
  if (color !== null && !/^#[0-9a-f]{6}$/i.test(color))
    throw new Error(`${at}.color: ${color} is not #rrggbb.`);
  const noun = text("noun_phrase");
  return { id: text("id"), name: nameOf(fields, at), color, key, noun_phrase: noun, parent: text("parent") };
}

function attributeFrom(value: unknown, at: string): OntologyWrite["attributes"][number] {
  const fields = fieldsOf(value, at, ATTRIBUTE_FIELDS);
  const choices = listOf(fields, "choices").map((each, index) => {
    const place = `${at}.choices[${index}]`;
    if (typeof each === "string") return { id: null, name: each };
    const choice = fieldsOf(each, place, ["id", "name"]);
    return { id: optionalText(choice, "id", place), name: nameOf(choice, place) };
  });
  return {
    id: optionalText(fields, "id", at),
    name: nameOf(fields, at),
    scope: oneOf(fields, "scope", SCOPES, at),
    kind: oneOf(fields, "kind", KINDS, at),
    required: fields.required === true,
    changes: typeof fields.changes === "boolean" ? fields.changes : null,
    choices,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, at: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${at}: it is not an object with ${known.join(", ")}.`);
  const strange = Object.keys(value).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new Error(`${at}: it has no field ${strange}; there are ${known.join(", ")}.`);
  return value as Fields;
}

function listOf(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw new Error(`${name} is not a list.`);
  return value;
}

function nameOf(fields: Fields, at: string): string {
  const { name } = fields;
  if (typeof name !== "string" || name.trim() === "") throw new Error(`${at} has no name.`);
  return name;
}

function optionalText(fields: Fields, name: string, at: string): string | null {
  const value = fields[name] ?? null;
  if (value !== null && typeof value !== "string") throw new Error(`${at}.${name} is not a text.`);
  return value;
}

function oneOf<T extends string>(fields: Fields, name: string, words: readonly T[], at: string): T {
  const word = words.find((each) => each === fields[name]);
  if (word === undefined) throw new Error(`${at}.${name} is not one of ${words.join(", ")}.`);
  return word;
}

/** The file of what is edited, as a download. */
export function fileOf(ontology: OntologyWrite): Blob {
  return new Blob([`${JSON.stringify(ontology, null, 2)}\n`], { type: "application/json" });
}
