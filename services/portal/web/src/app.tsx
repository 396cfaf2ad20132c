import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createBrowserRouter, Navigate } from "react-router";
import { RouterProvider } from "react-router/dom";
import { isProblem } from "./api/problem";
import { Frame } from "./frame/frame";
import { Broken, NoSuchPage } from "./frame/broken";
import { FromNotice, Home } from "./frame/home";
import { Skeleton } from "./frame/states";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (tries, error) => tries < 2 && isProblem(error) && error.passing && error.status !== 0,
      retryDelay: (tries, error) => pauseBefore(tries, error),
      networkMode: "always", // our own states say what is wrong; a paused query says nothing
    },
    mutations: { networkMode: "always" },
  },
});

/** As the server asks, or one second and then two; each page waits a little differently, so that a crowd disperses. */
function pauseBefore(tries: number, error: Error): number {
  const asked = isProblem(error) ? error.retryAfter : null;
  return (asked ?? 2 ** tries) * 1_000 * (1 + Math.random() / 2);
}

function First() {
  return (
    <main className="page">
      <Skeleton lines={8} />
    </main>
  );
}

/** Each page is a chunk of its own; the addresses are promises to users and stay. */
const router = createBrowserRouter([
  {
    path: "/",
    Component: Frame,
    ErrorBoundary: Broken,
    HydrateFallback: First, // as index.html and then the frame have it
    children: [
      {
        ErrorBoundary: Broken,
        children: [
          { index: true, Component: Home },
          { path: "today", lazy: () => import("./today/page").then((m) => ({ Component: m.TodayPage })) },
          { path: "school", lazy: () => import("./school/page").then((m) => ({ Component: m.SchoolPage })) },
          { path: "school/discipline", lazy: () => import("./school/discipline").then((m) => ({ Component: m.DisciplinePage })) },
          { path: "school/completeness", lazy: () => import("./school/completeness").then((m) => ({ Component: m.CompletenessPage })) },
          { path: "school/attendance", lazy: () => import("./school/attendance").then((m) => ({ Component: m.SchoolAttendancePage })) },
          { path: "district", lazy: () => import("./school/district").then((m) => ({ Component: m.DistrictPage })) },
          { path: "family", lazy: () => import("./family/page").then((m) => ({ Component: m.FamilyPage })) },
          { path: "journal", lazy: () => import("./today/groups").then((m) => ({ Component: m.JournalsPage })) },
          { path: "journal/:groupId/topics", lazy: () => import("./journal/topics").then((m) => ({ Component: m.TopicsPage })) },
          { path: "journal/:groupId", lazy: () => import("./journal/page").then((m) => ({ Component: m.JournalPage })) },
          { path: "roll", lazy: () => import("./roll/list").then((m) => ({ Component: m.RollListPage })) },
          { path: "roll/:groupId/:on/:number", lazy: () => import("./roll/page").then((m) => ({ Component: m.RollPage })) },
          { path: "homework", lazy: () => import("./homework/plan").then((m) => ({ Component: m.HomeworkPlanPage })) },
          { path: "reports", lazy: () => import("./reports/page").then((m) => ({ Component: m.ReportsPage })) },
          { path: "rule", lazy: () => import("./rule/page").then((m) => ({ Component: m.RulePage })) },
          { path: "terms", lazy: () => import("./terms/page").then((m) => ({ Component: m.TermsPage })) },
          { path: "terms/:termId/:groupId", lazy: () => import("./terms/sheet").then((m) => ({ Component: m.TermSheetPage })) },
          { path: "timetable", lazy: () => import("./timetable/page").then((m) => ({ Component: m.TimetablePage })) },
          { path: "pupils/:pupilId", element: <Navigate to="diary" replace /> },
          { path: "pupils/:pupilId/diary", lazy: () => import("./diary/page").then((m) => ({ Component: m.DiaryPage })) },
          { path: "pupils/:pupilId/marks", lazy: () => import("./marks/page").then((m) => ({ Component: m.MarksPage })) },
          {
            path: "pupils/:pupilId/attendance",
            lazy: () => import("./attendance/page").then((m) => ({ Component: m.AttendancePage })),
          },
          {
            path: "pupils/:pupilId/timetable",
            lazy: () => import("./timetable/page").then((m) => ({ Component: m.TimetablePage })),
          },
          { path: "pupils/:pupilId/homework", lazy: () => import("./homework/page").then((m) => ({ Component: m.HomeworkPage })) },
          { path: "pupils/:pupilId/behaviour", lazy: () => import("./behaviour/page").then((m) => ({ Component: m.BehaviourPage })) },
          { path: "pupils/:pupilId/comments", lazy: () => import("./talk/page").then((m) => ({ Component: m.CommentsPage })) },
          { path: "pupils/:pupilId/changes", lazy: () => import("./audit/pupil").then((m) => ({ Component: m.ChangesPage })) },
          { path: "pupils/:pupilId/guardians", lazy: () => import("./ties/guardians").then((m) => ({ Component: m.GuardiansPage })) },
          { path: "join", lazy: () => import("./ties/join").then((m) => ({ Component: m.JoinPage })) },
          { path: "pupils/:pupilId/readings", lazy: () => import("./readings/page").then((m) => ({ Component: m.ReadingsPage })) },
          { path: "erasures", lazy: () => import("./erasures/page").then((m) => ({ Component: m.ErasuresPage })) },
          { path: "erasures/:personId", lazy: () => import("./erasures/act").then((m) => ({ Component: m.ActPage })) },
          { path: "audit", lazy: () => import("./audit/page").then((m) => ({ Component: m.AuditPage })) },
          { path: "diary/:pupilId", Component: FromNotice },
          { path: "messages", lazy: () => import("./messages/list").then((m) => ({ Component: m.MessagesPage })) },
          { path: "messages/new", lazy: () => import("./messages/new").then((m) => ({ Component: m.NewPage })) },
          { path: "messages/:conversationId", lazy: () => import("./messages/thread").then((m) => ({ Component: m.ThreadPage })) },
          { path: "notices", lazy: () => import("./notices/page").then((m) => ({ Component: m.NoticesPage })) },
          { path: "settings", lazy: () => import("./settings/page").then((m) => ({ Component: m.SettingsPage })) },
          { path: "*", Component: NoSuchPage },
        ],
      },
    ],
  },
]);

/** A family's other pages are fetched while nothing else is to do: the next tab then opens at once, also without a line. */
function warm(): void {
  void import("./diary/page");
  void import("./marks/page");
  void import("./attendance/page");
  void import("./homework/page");
  void import("./timetable/page");
}
addEventListener("load", () => setTimeout(warm, 3_000));

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
