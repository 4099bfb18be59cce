import { create } from "zustand";

interface PaletteStore {
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
}

export const usePalette = create<PaletteStore>((set) => ({
  open: false,
  setOpen: (open) => set({ open }),
}));

export interface Destination {
  readonly label: string;
  readonly hint: string;
  readonly href: string;
}

/** Destinations that contain every word of the query, those that start with it first. */
export function matching(destinations: readonly Destination[], query: string): readonly Destination[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return destinations;
  const found = destinations.filter(({ label, hint }) => {
    const text = `${label} ${hint}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = words[0] ?? "";
  const rank = ({ label }: Destination) => (label.toLowerCase().startsWith(first) ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
