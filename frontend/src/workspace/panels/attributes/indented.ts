/** A name in a list, as deep as it stands in its tree. */
export function indented(name: string, depth: number): string {
  return `${"  ".repeat(depth)}${name}`;
}
