/** Shortcuts: one entry of a table feeds the tooltip, the sheet and the key handling. */

/** What a person is shown of a shortcut. */
export interface KeyHint {
  readonly label: string;
  /** Key presses as `chordOf` spells them; each of them does the same. */
  readonly chords: readonly [string, ...string[]];
  /** Shown instead of the first chord where one chord does not say it all. */
  readonly shown?: string;
}

export interface Shortcut<Target> extends KeyHint {
  readonly run: (target: Target, chord: string) => void;
  /** When the key is let go, for what lasts only while it is held. */
  readonly release?: (target: Target) => void;
  /** A key that is held down counts once. */
  readonly once?: boolean;
}

export type ShortcutTable<Target> = Readonly<Record<string, Shortcut<Target>>>;

export function byChord<S extends KeyHint>(shortcuts: readonly S[]): ReadonlyMap<string, S> {
  return new Map(shortcuts.flatMap((shortcut) => shortcut.chords.map((chord) => [chord, shortcut] as const)));
}

const SYMBOLS: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

/** A shortcut's keys as they are drawn, one cap each: "Ctrl+K" becomes two. A plus sign alone stays one. */
export function capsOf({ shown, chords }: KeyHint): readonly string[] {
  const text = shown ?? chords[0];
  const caps = text === "+" ? [text] : text.split("+");
  return caps.map((cap) => SYMBOLS[cap] ?? cap);
}

/** A shortcut's keys within a sentence. */
export function keyText(hint: KeyHint): string {
  return capsOf(hint).join("+");
}
