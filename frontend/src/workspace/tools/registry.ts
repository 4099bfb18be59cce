import { boxTool } from "./boxTool";
import { brushTool, eraserTool } from "./brushTool";
import { pointTool } from "./pointTool";
import { selectTool } from "./selectTool";

/** Every tool, in the order of the rail and of the sheet. A new one is a file and a line here. */
export const TOOLS = [selectTool, pointTool, boxTool, brushTool, eraserTool] as const;

export type ToolId = (typeof TOOLS)[number]["id"];
