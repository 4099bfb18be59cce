import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { labelVideo, type VideoLabelChange } from "@/api/projects";
import { videoQuery } from "@/api/queries";
import type { Id, Video } from "@/api/types";
import { showFailure } from "@/ui/toasts";

/** What is said of a video and its frames, and the function that says something. */
export function useVideoLabels(videoId: Id): {
  readonly video: Video | undefined;
  readonly label: (change: VideoLabelChange) => void;
} {
  const queryClient = useQueryClient();
  const query = videoQuery(videoId);
  const video = useQuery(query).data;
  const { mutate } = useMutation({
    mutationFn: (change: VideoLabelChange) => labelVideo(videoId, change),
    onSuccess: (labelled: Video) => queryClient.setQueryData(query.queryKey, labelled),
    onError: (error) => showFailure(messageOf(error)),
  });
  return { video, label: mutate };
}
