import { type ListedObject, listedObjects, saveStateOf } from "./selectors";
import type { WorkspaceSession } from "./session";
import type { WorkspaceState } from "./store";

/** A read-only window into the open workspace, for end-to-end tests and for debugging in the console. */
export interface MaskloomHandle {
  readonly frameIndex: number;
  readonly shownFrame: number | null;
  readonly decodedBy: WorkspaceState["decodedBy"];
  readonly framesDecoded: number;
  readonly saved: boolean;
  readonly objects: readonly ListedObject[];
  readonly state: WorkspaceState;
  /** Calls back after every change of the state, until the function that it returns is called. */
  subscribe(listener: (state: WorkspaceState) => void): () => void;
}

declare global {
  interface Window {
    maskloom?: MaskloomHandle;
  }
}

/** Exposes the session as `window.maskloom`; returns a function that removes it. */
export function exposeForTests(session: WorkspaceSession): () => void {
  const handle: MaskloomHandle = {
    get frameIndex() {
      return session.store.getState().frameIndex;
    },
    get shownFrame() {
      return session.store.getState().shownFrame;
    },
    get decodedBy() {
      return session.store.getState().decodedBy;
    },
    get framesDecoded() {
      return session.player.framesDecoded;
    },
    get saved() {
      return saveStateOf(session.store.getState()).kind === "saved";
    },
    get objects() {
      return listedObjects(session.store.getState());
    },
    get state() {
      return session.store.getState();
    },
    subscribe: (listener) => session.store.subscribe(listener),
  };
  window.maskloom = handle;
  return () => {
    if (window.maskloom === handle) delete window.maskloom;
  };
}
