import { lazy, Suspense } from "react";
import { Link, Route, Switch } from "wouter";
import { ExportButton } from "@/datasets/ExportButton";
import { ImportButton } from "@/datasets/imports/ImportButton";
import { ModelPage } from "@/models/ModelPage";
import { ProjectModelPage } from "@/models/ProjectModelPage";
import { OntologyPage } from "@/projects/ontology/OntologyPage";
import { ProjectPage } from "@/projects/ProjectPage";
import { ProjectsPage } from "@/projects/ProjectsPage";
import { AccountPage } from "@/team/account/AccountPage";
import { MembersPage } from "@/team/members/MembersPage";
import { PeoplePage } from "@/team/PeoplePage";
import { SignInPage } from "@/team/signIn/SignInPage";
import { WelcomePage } from "@/team/signIn/WelcomePage";
import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { PageSkeleton } from "./PageSkeleton";

const WorkspacePage = lazy(async () => ({
  default: (await import("@/workspace/WorkspacePage")).WorkspacePage,
}));
const StudiesPage = lazy(async () => ({ default: (await import("@/studies/StudiesPage")).StudiesPage }));
const TasksPage = lazy(async () => ({ default: (await import("@/tasks/TasksPage")).TasksPage }));
const InsightsPage = lazy(async () => ({
  default: (await import("@/insights/InsightsPage")).InsightsPage,
}));
const ReviewPage = lazy(async () => ({ default: (await import("@/review/ReviewPage")).ReviewPage }));

/** Which component each address shows; features meet here and nowhere else. */
export function Routes() {
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Switch>
        <Route path="/">
          <ProjectsPage />
        </Route>
        <Route path="/projects/:projectId">
          {({ projectId }) => (
            <ProjectPage
              key={projectId}
              projectId={projectId}
              exportButton={<ExportButton projectId={projectId} />}
              importButton={<ImportButton projectId={projectId} />}
            />
          )}
        </Route>
        <Route path="/projects/:projectId/studies">
          {({ projectId }) => <StudiesPage key={projectId} projectId={projectId} />}
        </Route>
        <Route path="/projects/:projectId/tasks">
          {({ projectId }) => <TasksPage key={projectId} projectId={projectId} />}
        </Route>
        <Route path="/projects/:projectId/classes">
          {({ projectId }) => <OntologyPage key={projectId} projectId={projectId} />}
        </Route>
        <Route path="/projects/:projectId/members">
          {({ projectId }) => <MembersPage key={projectId} projectId={projectId} />}
        </Route>
        <Route path="/projects/:projectId/review/:maskletId?">
          {({ projectId, maskletId }) => (
            <ReviewPage key={projectId} projectId={projectId} maskletId={maskletId ?? null} />
          )}
        </Route>
        <Route path="/projects/:projectId/model">
          {({ projectId }) => <ProjectModelPage key={projectId} projectId={projectId} />}
        </Route>
        <Route path="/projects/:projectId/insights">
          {({ projectId }) => <InsightsPage key={projectId} projectId={projectId} />}
        </Route>
        <Route path="/videos/:videoId">
          {({ videoId }) => <WorkspacePage key={videoId} videoId={videoId} />}
        </Route>
        <Route path="/model">
          <ModelPage />
        </Route>
        <Route path="/people">
          <PeoplePage />
        </Route>
        <Route path="/account">
          <AccountPage />
        </Route>
        <Route path="/sign-in">
          <SignInPage />
        </Route>
        <Route path="/welcome">
          <WelcomePage />
        </Route>
        <Route>
          <EmptyState
            icon="search"
            title="There is no page at this address"
            alone
            action={
              <Link href="/" className={buttonClass()}>
                All projects
              </Link>
            }
          />
        </Route>
      </Switch>
    </Suspense>
  );
}
