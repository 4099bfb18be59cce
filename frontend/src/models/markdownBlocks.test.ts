import { expect, it } from "vitest";
import { parseInlines, parseMarkdown } from "./markdownBlocks";

it("reads headings, paragraphs and lists", () => {
  const kinds = parseMarkdown("# A\n\none\ntwo\n\n- x\n- y\n  more\n\n1. z").map((block) => block.kind);
  expect(kinds).toEqual(["heading", "paragraph", "list", "list"]);
});

it("a wrapped list item is one item", () => {
  const [list] = parseMarkdown("- first\n  goes on\n- second");
  expect(list).toMatchObject({ items: [[{ text: "first goes on" }], [{ text: "second" }]] });
});

it("reads a table with its head and rows", () => {
  const [table] = parseMarkdown("| a | b |\n|---|---:|\n| 1 | **2** |");
  expect(table).toMatchObject({ kind: "table", head: [[{ text: "a" }], [{ text: "b" }]] });
  expect(table?.kind === "table" && table.rows[0]?.[1]).toEqual([{ kind: "strong", text: "2" }]);
});

it("code keeps its characters as they are", () => {
  expect(parseMarkdown("```\n# not a heading\n```")).toEqual([{ kind: "code", text: "# not a heading" }]);
});

it("front matter is not shown", () => {
  expect(parseMarkdown("---\nlicense: apache-2.0\n---\nText")).toHaveLength(1);
});

it("a script address never becomes a link", () => {
  expect(parseInlines("[click](javascript:alert)")).toEqual([{ kind: "text", text: "click" }]);
  expect(parseInlines("[go](https://example.org)")[0]?.kind).toBe("link");
});

it("HTML stays text", () => {
  expect(parseInlines("<img src=x onerror=y>")).toEqual([{ kind: "text", text: "<img src=x onerror=y>" }]);
});

it("underscores inside a name are not emphasis", () => {
  expect(parseInlines("predicted_iou and object_score")).toHaveLength(1);
});
