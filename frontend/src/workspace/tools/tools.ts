import { TOOLS, type ToolId } from "./registry";
import type { Tool } from "./tool";

const BY_ID: ReadonlyMap<string, Tool> = new Map(TOOLS.map((tool) => [tool.id, tool]));

/** The tool of an id. */
export function toolOf(id: ToolId): Tool {
  const tool = BY_ID.get(id);
  if (tool === undefined) throw new Error(`There is no tool called ${id}.`);
  return tool;
}
