import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { exportFormatsQuery } from "@/api/queries";
import { FormatPicker } from "./FormatPicker";

afterEach(cleanup);

const WHOLE = { every_frame: false, frames: ["video"], holds_overlaps: true } as const;

it("lists the server's formats, with what the chosen one cannot hold", () => {
  const client = new QueryClient({ defaultOptions: { queries: { enabled: false } } });
  client.setQueryData(exportFormatsQuery.queryKey, [
    { ...WHOLE, name: "whole", title: "Whole", loses: "Nothing is lost." },
    { ...WHOLE, name: "flat", title: "Flat", loses: "Overlaps are lost.", frames: ["jpeg", "none"] },
  ]);
  const { rerender } = render(picker(client, "whole"));
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["Whole", "Flat"]);
  screen.getByRole("combobox", { name: "Format", description: "Nothing is lost." });
  rerender(picker(client, "flat"));
  screen.getByRole("combobox", {
    name: "Format",
    description: "Overlaps are lost. Frames are compressed again as JPEG, unless you choose PNG.",
  });
});

function picker(client: QueryClient, format: string) {
  return (
    <QueryClientProvider client={client}>
      <FormatPicker value={format} onChange={() => undefined} />
    </QueryClientProvider>
  );
}
