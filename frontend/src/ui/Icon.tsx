const PATHS = {
  plus: "M8 3v10M3 8h10",
  upload: "M8 11V3M4.5 6.5 8 3l3.5 3.5M3 13h10",
  download: "M8 3v8M4.5 7.5 8 11l3.5-3.5M3 13h10",
  trash: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5 6.5 12 13 4.5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  film: "M2.5 3.5h11v9h-11zM5.5 3.5v9M10.5 3.5v9M2.5 8h3M10.5 8h3",
  folder: "M2 4.5h4l1.5 1.5H14v7H2z",
  warning: "M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 12h.01",
  chip: "M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14",
  search: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 10l3.5 3.5",
  wand: "M3 13 9.5 6.5M11.5 2.5v3M10 4h3M13.5 7.5v2M12.5 8.5h2M6.5 2.5v2M5.5 3.5h2",
  play: "M5 3.5v9l7-4.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  left: "M10 3.5 5.5 8l4.5 4.5",
  right: "M6 3.5 10.5 8 6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  review: "M2.5 3.5h11v7.5H8L5 13.5V11H2.5zM5.5 7 7 8.5 10.5 5.5",
  brush: "M13 3 7.5 8.5M7.5 8.5c-2 0-3 1.2-3 2.5 0 1-.7 1.7-2 2 3 .8 6.5 0 6.5-3z",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5",
  person: "M8 3a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM3 13.5c.6-2.4 2.6-3.5 5-3.5s4.4 1.1 5 3.5",
  columns: "M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9",
  chart: "M3 13.5h10.5M4.5 11V8M8 11V4M11.5 11V6.5",
  tag: "M2.5 3h5l6 6-4.5 4.5-6.5-6zM5.5 5.8h.01",
  pencil: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
} as const;

export type IconName = keyof typeof PATHS;

/** A 16 px line icon, hidden from screen readers: the control around it has the text. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" ? 2 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
