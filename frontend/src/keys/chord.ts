/** A key press as text: "Ctrl+Shift+Z", "Shift+ArrowLeft", ">", "Shift+1". Command counts as Ctrl. */
export function chordOf(
  event: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): string {
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  // Shift changes what a digit or a sign key types: digits keep their digit, signs speak for themselves.
  if (event.shiftKey && (digit !== undefined || /^[a-z]$/i.test(event.key) || event.key.length > 1)) {
    parts.push("Shift");
  }
  if (digit !== undefined && event.shiftKey) parts.push(digit);
  else if (event.key === " ") parts.push("Space");
  else parts.push(event.key.length === 1 ? event.key.toUpperCase() : event.key);
  return parts.join("+");
}

/** True while the person is typing text: then no shortcut fires. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  ) {
    return true;
  }
  return target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox";
}
