import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { deleteVideo } from "@/api/projects";
import { videosQuery } from "@/api/queries";
import type { Video } from "@/api/types";
import { showFailure } from "@/ui/toasts";

/** Removes a video and drops it from every list that shows it. */
export function useVideoRemoval(video: Video) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => deleteVideo(video.id),
    onSuccess: () => {
      queryClient.setQueryData(videosQuery(video.project_id).queryKey, (videos) =>
        videos?.filter((other) => other.id !== video.id),
      );
      return queryClient.invalidateQueries({ queryKey: ["projects"] });
    },
    onError: (error) => showFailure(messageOf(error)),
  });
}
