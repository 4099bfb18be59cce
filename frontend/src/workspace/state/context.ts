import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { WorkspaceSession } from "./session";
import type { WorkspaceState } from "./store";

export const SessionContext = createContext<WorkspaceSession | null>(null);

/** The open video's session; only inside the workspace. */
export function useSession(): WorkspaceSession {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("There is no open video here.");
  return session;
}

export function useWorkspace<T>(select: (state: WorkspaceState) => T): T {
  return useStore(useSession().store, select);
}
