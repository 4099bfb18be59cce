import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Video } from "@/api/types";
import { TooltipProvider } from "@/ui/Tooltip";
import { VideoCard } from "./VideoCard";

it("the card of a file that was uploaded before says so, beside what ingest found", () => {
  const video = {
    id: "v",
    project_id: "p",
    name: "again.mp4",
    state: "ready",
    rejected_reason: null,
    warnings: ["again.mp4 is interlaced."],
    same_file_as: { id: "u", name: "first.mp4" },
    num_masklets: 0,
    num_verified: 0,
    num_frames: 12,
  } as unknown as Video;
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { enabled: false } } })}>
      <TooltipProvider>
        <VideoCard video={video} allowed={["view"]} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  const words = "Warnings: again.mp4 is interlaced. again.mp4 is the same file as first.mp4.";
  expect(screen.getByRole("button", { name: words })).toBeTruthy();
});
