import { QueryClientProvider } from "@tanstack/react-query";
import { createServerState } from "@/api/serverState";
import { ToastRegion } from "@/ui/ToastRegion";
import { TooltipProvider } from "@/ui/Tooltip";
import styles from "./App.module.css";
import { FailureBoundary } from "./FailureBoundary";
import { ProjectGate } from "./ProjectGate";
import { Routes } from "./Routes";
import { SignInGate } from "./SignInGate";
import { CommandPalette } from "./search/CommandPalette";
import { TopBar } from "./TopBar";

const serverState = createServerState();

/** The application: server state, tooltips, top bar, pages and messages. */
export function App() {
  return (
    <QueryClientProvider client={serverState}>
      <TooltipProvider>
        <TopBar />
        <main className={styles.page} id="page">
          <FailureBoundary>
            <SignInGate>
              <ProjectGate>
                <Routes />
              </ProjectGate>
            </SignInGate>
          </FailureBoundary>
        </main>
        <CommandPalette />
        <ToastRegion />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
