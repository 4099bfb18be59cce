import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RequestFailed } from "@/api/problem";
import { ToastRegion } from "@/ui/ToastRegion";
import { TooltipProvider } from "@/ui/Tooltip";
import styles from "./App.module.css";
import { FailureBoundary } from "./FailureBoundary";
import { Routes } from "./Routes";
import { SignInGate } from "./SignInGate";
import { CommandPalette } from "./search/CommandPalette";
import { TopBar } from "./TopBar";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // Only a lost connection is worth a retry; a problem from the server would come again.
      retry: (count, error) => count < 2 && !(error instanceof RequestFailed && error.status >= 400),
    },
  },
});

/** The application: server state, tooltips, top bar, pages and messages. */
export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <TopBar />
        <main className={styles.page} id="page">
          <FailureBoundary>
            <SignInGate>
              <Routes />
            </SignInGate>
          </FailureBoundary>
        </main>
        <CommandPalette />
        <ToastRegion />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
