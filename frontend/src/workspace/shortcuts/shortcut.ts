import type { PhaseTool } from "@/api/types";
import type { Shortcut } from "@/keys/shortcut";
import type { WorkspaceSession } from "../state/session";

export type ShortcutGroup =
  | "Move"
  | "Objects"
  | "Class of the object, or of the next"
  | "Prompt and paint"
  | "Propagate"
  | "History"
  | "View";

/** A key of the workspace, and the heading of the sheet it stands under. */
export interface WorkspaceShortcut extends Shortcut<WorkspaceSession> {
  readonly group: ShortcutGroup;
  /** The phase tool it needs: in a phase without it the key does nothing and the sheet leaves it out. */
  readonly needs?: PhaseTool;
}

export type WorkspaceShortcuts = Readonly<Record<string, WorkspaceShortcut>>;
