import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Redirect, useLocation } from "wouter";
import { onSignedOut } from "@/api/client";
import { RequestFailed } from "@/api/problem";
import { meQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { SignedOutDialog } from "@/team/signIn/SignedOutDialog";
import { LoadFailed } from "@/ui/Notice";
import { PageSkeleton } from "./PageSkeleton";
import { pageRouteOf } from "./pageRoute";

/** Shows pages only to people who are signed in, and the pages for signing in to everybody. */
export function SignInGate({ children }: { readonly children: ReactNode }) {
  const [path] = useLocation();
  const atTheDoor = pageRouteOf(path).page === "door";
  const { data: me, error, refetch } = useQuery({ ...meQuery, enabled: !atTheDoor });
  useAskWhenSignedOut();
  if (atTheDoor) return children;
  const signedOut = isSignedOut(error);
  if (me === undefined) {
    if (signedOut) return <Redirect to={doorFrom(path)} replace />;
    return error === null ? <PageSkeleton /> : <LoadFailed error={error} onRetry={() => void refetch()} />;
  }
  return (
    <>
      {children}
      {signedOut && <BackIn me={me} returnTo={path} />}
    </>
  );
}

/** Signs in again over the page, whose unsaved edits wait. */
function BackIn({ me, returnTo }: { readonly me: Me; readonly returnTo: string }) {
  const queryClient = useQueryClient();
  return (
    <SignedOutDialog
      returnTo={returnTo}
      onSignedIn={(now) => {
        if (now.id !== me.id) {
          window.location.assign("/");
          return;
        }
        queryClient.setQueryData(meQuery.queryKey, now);
        void queryClient.invalidateQueries();
      }}
    />
  );
}

/** Any request may be the first to find that the sign-in has ended. */
function useAskWhenSignedOut(): void {
  const queryClient = useQueryClient();
  useEffect(
    () =>
      onSignedOut(() => {
        const state = queryClient.getQueryState(meQuery.queryKey);
        if (state?.status === "success" && state.fetchStatus === "idle")
          void queryClient.invalidateQueries({ queryKey: meQuery.queryKey, exact: true });
      }),
    [queryClient],
  );
}

function isSignedOut(error: unknown): boolean {
  return error instanceof RequestFailed && error.slug === "not-signed-in";
}

function doorFrom(path: string): string {
  const here = path + window.location.search;
  return here === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(here)}`;
}
