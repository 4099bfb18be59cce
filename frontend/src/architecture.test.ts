/** What README.md promises of the source tree, held by reading the sources themselves. */
import { describe, expect, it } from "vitest";
import readme from "../README.md?raw";

const FLOORS = [
  ["app"],
  ["datasets", "insights", "models", "projects", "review", "studies", "tasks", "team", "workspace"],
  ["autolabel", "outcomes"],
  ["canvas", "timing", "ui"],
  ["api", "masks", "video"],
  ["geometry", "keys"],
] as const;

/** Rooms that may hold more than 15 modules; README.md says why. */
const FLAT_ROOMS = ["api", "ui"];

/** Words that were given up for another: candidate, review, problem. */
const RETIRED = /\b\w*(?:[rR]eadings?|[dD]esk|[rR]efusal)(?=[A-Z_]|s?\b)/g;

const found = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./api/generated/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const files = new Map(Object.entries(found).map(([path, text]) => [path.replace("./", ""), text]));
const products = new Map([...files].filter(([path]) => !path.includes(".test.") && path.includes("/")));

const SELF = "architecture.test.ts";

/** Words in -ing that the field uses as nouns, and one that is none of them. */
const NOUNS = /^(?:timing|tuning|frameRing)$/;

/** Folders and modules named for what is done, not for what they are. */
function gerunds(path: string): string[] {
  const names = path.replace(/\.tsx?$/, "").split("/");
  return names.filter((name) => /(?:ing|Ing)$/.test(name) && !NOUNS.test(name));
}

/** Keys that stand in a component instead of coming from a table of shortcuts. */
function handWrittenKeys(text: string): string[] {
  const patterns = [
    /<Kbd(?! shortcut=\{\w)/g,
    /<kbd/g,
    /\bkeys="/g,
    /\bshortcut=\{\{/g,
    /\bchords:/g,
    /["'`>][^"'`<>{]*\b(?:Ctrl|Esc\b|(?:Shift|Alt)\+\w|Press [A-Z]\b)/g,
  ];
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return patterns.flatMap((pattern) => code.match(pattern) ?? []);
}

function declaredTypes(text: string): string[] {
  const declared = /^export (?:abstract )?(?:class|interface|type|function) ([A-Z]\w+)/gm;
  return [...text.matchAll(declared)].map(([, name]) => name ?? "");
}

describe("keys", () => {
  it("are named by shortcuts only, in every tooltip and cap", () => {
    const components = [...products].filter(([path]) => path.endsWith(".tsx") && path !== "ui/Kbd.tsx");
    expect(components.length).toBeGreaterThan(80);
    expect(
      components.flatMap(([path, text]) => handWrittenKeys(text).map((hit) => `${path}: ${hit}`)),
    ).toEqual([]);
  });

  it.each([
    '<Kbd keys="Q" />',
    "<kbd>Q</kbd>",
    '<Tooltip content="Undo" keys="Ctrl+Z">',
    '<Tooltip shortcut={{ label: "Undo", chords: ["Z"] }}>',
    '<button title="Undo (Ctrl+Z)">',
    "<p>Press Z to undo</p>",
  ])("written by hand are found: %s", (line) => {
    expect(handWrittenKeys(line)).not.toEqual([]);
  });
});

describe("names", () => {
  it("of exported types and components are unique", () => {
    const owners = new Map<string, string[]>();
    for (const [path, text] of products) {
      for (const name of declaredTypes(text)) owners.set(name, [...(owners.get(name) ?? []), path]);
    }
    expect(owners.size).toBeGreaterThan(200);
    expect([...owners].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });

  it("of modules and folders are nouns", () => {
    expect([...products.keys()].flatMap(gerunds)).toEqual([]);
    expect(gerunds("workspace/drawing/Asking.tsx")).toEqual(["drawing", "Asking"]);
  });

  it("leave out retired words", () => {
    const hits = [...files].flatMap(([path, text]) =>
      path === SELF ? [] : (text.match(RETIRED) ?? []).map((hit) => `${path}: ${hit}`),
    );
    expect(hits).toEqual([]);
    expect("the ReadingPicker, useReviewDesk and a refusal".match(RETIRED)).toHaveLength(3);
  });
});

/** The other rooms a module imports, by alias or by a path that leaves its own. */
function importedRooms(path: string, text: string): string[] {
  const own = path.split("/");
  return [...text.matchAll(/from "(@\/|(?:\.\.\/)+)(\w+)\//g)].flatMap(([, way = "", room = ""]) => {
    const leaves = way === "@/" || way.length / 3 >= own.length - 1;
    return leaves && room !== own[0] ? [room] : [];
  });
}

describe("every module", () => {
  it("says what it is for", () => {
    expect([...products].flatMap(([path, text]) => (text.includes("/**") ? [] : [path]))).toEqual([]);
  });
});

describe("rooms", () => {
  it("hold at most 15 modules, but for the flat ones", () => {
    const sizes = new Map<string, number>();
    for (const path of products.keys()) {
      const room = path.slice(0, path.lastIndexOf("/"));
      sizes.set(room, (sizes.get(room) ?? 0) + 1);
    }
    const large = [...sizes].flatMap(([room, size]) => (size > 15 ? [room] : []));
    expect(large.toSorted()).toEqual(FLAT_ROOMS);
  });

  it("are the ones README.md lists, floor by floor", () => {
    const tree = /^src\/\n(.*?)```/ms.exec(readme)?.[1] ?? "";
    const listed = tree
      .split("\n\n")
      .map((floor) => [...floor.matchAll(/^ {2}(\w+)\//gm)].map(([, room]) => room));
    expect(listed.map((floor) => floor.toSorted())).toEqual(FLOORS.map((floor) => floor.toSorted()));
    expect(new Set([...products.keys()].map((path) => path.split("/")[0]))).toEqual(new Set(listed.flat()));
  });

  it("import downward only", () => {
    const floorOf = (room: string) =>
      FLOORS.findIndex((floor) => (floor as readonly string[]).includes(room));
    const upward = [...products].flatMap(([path, text]) => {
      const floor = floorOf(path.split("/")[0] ?? "");
      return importedRooms(path, text).flatMap((other) =>
        floorOf(other) <= floor ? [`${path}: ${other}`] : [],
      );
    });
    expect([...products.keys()].filter((path) => floorOf(path.split("/")[0] ?? "") < 0)).toEqual([]);
    expect(upward).toEqual([]);
    expect(importedRooms("ui/Kbd.tsx", 'import { a } from "../app/App";')).toEqual(["app"]);
    expect(importedRooms("review/player/a.ts", 'import { a } from "../queue/b";')).toEqual([]);
  });
});
