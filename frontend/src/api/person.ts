import type { Id } from "./types";

/**
 * The person for whom this page was opened. Every request names them, and the server refuses it if the browser's cookie
 * is somebody else's by now, as after another tab has signed in. So nothing of one person is sent in another's name.
 */
let person: Id | null = null;

export function actAs(id: Id): void {
  person = id;
}

export function actingAs(): Id | null {
  return person;
}

/** The header that names the person. */
export function inTheirName(): Readonly<Record<string, string>> {
  return person === null ? {} : { "Maskloom-Person": person };
}
