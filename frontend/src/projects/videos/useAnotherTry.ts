import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { ingestAgain } from "@/api/projects";
import { videosQuery } from "@/api/queries";
import type { Video } from "@/api/types";
import { showFailure } from "@/ui/toasts";

/** Tries a failed upload again, and shows its progress. */
export function useAnotherTry(video: Video) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => ingestAgain(video.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: videosQuery(video.project_id).queryKey }),
    onError: (error) => showFailure(messageOf(error)),
  });
}
