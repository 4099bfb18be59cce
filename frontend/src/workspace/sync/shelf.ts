import type { Id } from "@/api/types";
import { shapeOf } from "@/canvas/maskShape";
import { decodeCounts } from "@/masks/rle";
import type { Unsaved } from "./outbox";
import type { Write } from "./writes";

/** What one page has not saved of one video. Edits belong to the person who made them. */
export interface ShelfEntry {
  readonly shelf: Id;
  readonly person: Id;
  readonly video: Id;
  readonly since: number;
  readonly unsaved: Unsaved;
}

const DATABASE = "maskloom";
const STORE = "unsaved-edits";

/**
 * Keeps a page's unsaved edits in the browser's database, so that a reload, a crash or a closed tab loses none. The
 * page holds a lock while it lives; whoever opens the video next takes over what lies there without one.
 */
export class Shelf {
  readonly #shelf: Id = crypto.randomUUID();
  readonly #since = Date.now();
  readonly #person: Id;
  readonly #video: Id;
  readonly #onKept: (kept: boolean) => void;
  readonly #held: Promise<void>;
  #release: () => void = () => {};
  #wanted: Unsaved | null = null;
  #writing: Promise<void>;
  #empty = true;
  #forgotten: readonly Id[] = [];

  /** `onKept` hears whether the browser could keep the edits; without that they live as long as the page. */
  constructor(person: Id, video: Id, onKept: (kept: boolean) => void) {
    this.#person = person;
    this.#video = video;
    this.#onKept = onKept;
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
    this.#writing = this.#lock(this.#shelf).then(() => undefined);
  }

  /** Writes the newest state; states that follow each other faster than the disk are skipped. */
  keep(unsaved: Unsaved): void {
    const empty = unsaved.queue.length === 0 && unsaved.refusedEdits.length === 0;
    if (empty && this.#empty) return;
    this.#empty = empty;
    const idle = this.#wanted === null;
    this.#wanted = unsaved;
    if (idle) this.#writing = this.#writing.then(() => this.#write());
  }

  /** What closed or killed pages have left of this video, oldest first; it is this page's with the next `keep`. */
  async takeOver(): Promise<Unsaved> {
    const found = (await entriesOf(this.#person)).filter(({ video }) => video === this.#video);
    const taken: ShelfEntry[] = [];
    for (const entry of found.toSorted((a, b) => a.since - b.since)) {
      if (await this.#lock(entry.shelf)) taken.push(entry);
    }
    this.#forgotten = taken.map(({ shelf }) => shelf);
    return {
      queue: taken.flatMap(({ unsaved }) => unsaved.queue.map(revived)),
      refusedEdits: taken.flatMap(({ unsaved }) =>
        unsaved.refusedEdits.map((refusedEdit) => ({
          ...revived(refusedEdit),
          followers: refusedEdit.followers.map(revived),
        })),
      ),
    };
  }

  /** Lets the next page have what is left. */
  async close(): Promise<void> {
    await this.#writing;
    this.#release();
  }

  /** Takes the lock of a shelf until this one is closed; false when another page lives there. */
  #lock(shelf: Id): Promise<boolean> {
    return new Promise((resolve) => {
      void navigator.locks.request(lockOf(shelf), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : this.#held;
      });
    });
  }

  async #write(): Promise<void> {
    const unsaved = this.#wanted;
    this.#wanted = null;
    if (unsaved === null) return;
    const entry = { shelf: this.#shelf, person: this.#person, video: this.#video, since: this.#since };
    try {
      await change((store) => {
        if (unsaved.queue.length + unsaved.refusedEdits.length === 0) store.delete(this.#shelf);
        else store.put({ ...entry, unsaved: stored(unsaved) });
        for (const shelf of this.#forgotten) store.delete(shelf);
      });
      this.#forgotten = [];
      this.#onKept(true);
    } catch {
      this.#onKept(false); // no room, or no database
    }
  }
}

/** What a person has left unsaved in videos that no page has open. */
export async function abandonedEntries(person: Id): Promise<readonly ShelfEntry[]> {
  const entries = await entriesOf(person);
  if (entries.length === 0) return [];
  const held = new Set(((await navigator.locks.query()).held ?? []).map(({ name }) => name));
  return entries.filter(({ shelf }) => !held.has(lockOf(shelf)));
}

/** Throws away what one page has left. */
export function discard(shelf: Id): Promise<void> {
  return change((store) => store.delete(shelf));
}

function lockOf(shelf: Id): string {
  return `maskloom-unsaved:${shelf}`;
}

/** Outlines are drawn anew: they are large, and hold what the database cannot copy. */
function stored({ queue, refusedEdits }: Unsaved): unknown {
  const flat = <T extends { readonly write: Write }>(each: T) => ({
    ...each,
    write: { ...each.write, shape: null },
  });
  return {
    queue: queue.map(flat),
    refusedEdits: refusedEdits.map((refusedEdit) => ({
      ...flat(refusedEdit),
      followers: refusedEdit.followers.map(flat),
    })),
  };
}

function revived<T extends { readonly write: Write }>(each: T): T {
  const { write } = each;
  if (write.kind !== "mask") return each;
  const [height, width] = write.mask.size as readonly [number, number];
  return {
    ...each,
    write: { ...write, shape: shapeOf(decodeCounts(write.mask.counts, width * height), height) },
  };
}

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "shelf" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function change(write: (store: IDBObjectStore) => void): Promise<void> {
  const transaction = (await database()).transaction(STORE, "readwrite", { durability: "strict" });
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    write(transaction.objectStore(STORE));
  });
}

/** None where the browser has no database for us. */
async function entriesOf(person: Id): Promise<readonly ShelfEntry[]> {
  try {
    const request = (await database()).transaction(STORE).objectStore(STORE).getAll();
    const all = await new Promise<readonly ShelfEntry[]>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result as readonly ShelfEntry[]);
      request.onerror = () => reject(request.error);
    });
    return all.filter((entry) => entry.person === person);
  } catch {
    return [];
  }
}
