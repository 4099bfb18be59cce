/** The workspace's own icons, as strokes in a box of 16 by 16. */
const MARKS = {
  first: "M4 3.5v9M12.5 3.5 6.5 8l6 4.5z",
  last: "M12 3.5v9M3.5 3.5l6 4.5-6 4.5z",
  back: "M10 3.5 5.5 8l4.5 4.5",
  on: "M6 3.5 10.5 8 6 12.5",
  undo: "M5.5 3.5 2.5 6.5l3 3M2.5 6.5H9a4 4 0 0 1 0 8H6",
  redo: "M10.5 3.5l3 3-3 3M13.5 6.5H7a4 4 0 0 0 0 8h3",
  forward: "M2.5 8h8M7.5 4.5 11 8l-3.5 3.5M13.5 3.5v9",
  backward: "M13.5 8h-8M8.5 4.5 5 8l3.5 3.5M2.5 3.5v9",
  both: "M2 8h12M5 5 2 8l3 3M11 5l3 3-3 3",
  lock: "M4.5 7.5h7v5.5h-7zM5.8 7.5V5.2a2.2 2.2 0 0 1 4.4 0v2.3",
  unlock: "M4.5 7.5h7v5.5h-7zM5.8 7.5V4.7a2.2 2.2 0 0 1 4.2-.9",
  fill: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  help: "M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.7M8 12.2h.01",
} as const;

export type MarkName = keyof typeof MARKS;

function Drawing({ path, size = 16, bold = false }: { path: string; size?: number; bold?: boolean }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={bold ? 1.7 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

export function ToolIcon({ path }: { readonly path: string }) {
  return <Drawing path={path} size={18} />;
}

export function Mark({ name, size = 16 }: { readonly name: MarkName; readonly size?: number }) {
  return <Drawing path={MARKS[name]} size={size} />;
}

export function EyeIcon({ open }: { readonly open: boolean }) {
  const lid = "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8z";
  return (
    <Drawing path={open ? `${lid}M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z` : `${lid}M3 13 13 3`} />
  );
}
