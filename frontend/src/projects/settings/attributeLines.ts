import type { Project } from "@/api/types";

type Attributes = Project["attributes"];

/** One attribute per line: `key: value, value`; a star after the key marks it as required. */
export function linesOf(attributes: Attributes): string {
  return attributes
    .map(({ key, values, required }) => `${key}${required ? "*" : ""}: ${values.join(", ")}`)
    .join("\n");
}

/** Parses lines into attributes; lines without a key or values are dropped. */
export function attributesOf(text: string): Attributes {
  return text.split("\n").flatMap((line) => {
    const [name = "", rest = ""] = line.split(/:(.*)/s);
    const key = name.replace("*", "").trim();
    const values = rest.split(",").flatMap((value) => value.trim() || []);
    return key === "" || values.length === 0 ? [] : [{ key, values, required: name.includes("*") }];
  });
}
