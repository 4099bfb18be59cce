/** Whether the server can be reached, as the latest request of any kind found it. */
import { useSyncExternalStore } from "react";

let reachable = true;
let troubled = false;
const listeners = new Set<() => void>();
const troubleListeners = new Set<() => void>();

export function noteAnswer(): void {
  set(true);
}

export function noteNoAnswer(): void {
  if (!reachable) return;
  set(false);
  reportTrouble();
}

export function isReachable(): boolean {
  return reachable;
}

export function useReachable(): boolean {
  return useSyncExternalStore(follow, isReachable);
}

/** Some request found the server unreachable or failing: its health is worth asking for. */
export function reportTrouble(): void {
  troubled = true;
  for (const listener of troubleListeners) listener();
}

/** A request succeeded: the first one after trouble is worth asking for the health again. */
export function reportSuccess(): void {
  if (!troubled) return;
  troubled = false;
  for (const listener of troubleListeners) listener();
}

export function onTrouble(listener: () => void): () => void {
  troubleListeners.add(listener);
  return () => troubleListeners.delete(listener);
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("offline", noteNoAnswer);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("offline", noteNoAnswer);
  };
}

function set(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  for (const listener of listeners) listener();
}
