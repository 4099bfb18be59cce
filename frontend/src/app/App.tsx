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
      // A refused request stays refused; only a lost connection is worth trying again.
      retry: (count, error) => count < 2 && !(error instanceof RequestFailed && error.status >= 400),
    },
  },
});

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
