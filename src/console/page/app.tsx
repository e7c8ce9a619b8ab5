import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { ApiProblem } from "./api.ts";
import { KeepsEnvironment } from "./environment.tsx";
import { onToken } from "./fragment.ts";
import { Frame } from "./frame.tsx";
import { whenAnotherTabTells } from "./live.ts";
import { NamesEnvironments } from "./parts/cloud.tsx";
import { Empty } from "./parts/empty.tsx";
import { later, loadEverything } from "./parts/later.tsx";
import { Problem } from "./parts/problem.tsx";
import { ScriptBoundary } from "./parts/script-boundary.tsx";
import { ViewTitle } from "./parts/title.tsx";
import { former, paths, patterns } from "./paths.ts";
import { queries, sessionKey } from "./queries.ts";
import { LocalStackContext, RoleContext } from "./session.ts";
import { keepToken, sessionQuery } from "./session-query.ts";
import { texts } from "./texts.ts";
import { views } from "./views.ts";

const SignIn = later(async () => (await import("./views/sign-in.tsx")).SignIn);
const Closed = later(async () => (await import("./views/sign-in.tsx")).Closed);
const Inbox = later(views.inbox);
const RecordView = later(views.record);
const Attention = later(views.attention);
const Board = later(views.board);
const Products = later(views.products);
const Product = later(views.product);
const Faces = later(views.faces);
const Messages = later(views.messages);
const Message = later(views.message);
const Refusals = later(views.refusals);
const Health = later(views.health);
const TryIt = later(views.try);
const Acts = later(views.acts);

/** When the first view has been drawn, also on a slow machine. */
const otherViewsMs = 3_000;

/** The sign-in page, and the views by address once signed in. Each address has a rule in netlify.toml. */
export function App() {
  const [path] = useLocation();
  const session = useQuery(sessionQuery);
  useEffect(loadOtherViews, []);
  useEffect(() => whenAnotherTabTells(() => void queries.invalidateQueries({ queryKey: sessionKey })), []);
  useEffect(
    () =>
      onToken((token) => {
        keepToken(token);
        void queries.invalidateQueries({ queryKey: sessionKey });
      }),
    [],
  );
  // Nothing: index.html shows the outline of the page until something is drawn.
  if (session.isPending) return null;
  if (session.error instanceof ApiProblem && session.error.reason in texts.closed)
    return (
      <Shown path={path}>
        <Closed reason={session.error.reason} hint={session.error.message} />
      </Shown>
    );
  if (session.data === undefined)
    return (
      <main className="door">
        <Problem error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  if (session.data === null)
    return (
      <Shown path={path}>
        <SignIn />
      </Shown>
    );
  return (
    <RoleContext value={session.data.role}>
      <LocalStackContext value={session.data.localStack}>
        <KeepsEnvironment>
          <NamesEnvironments>
            <Frame operator={session.data.operator}>
              <Shown path={path}>
                <Switch>
                  <Route path={paths.inbox} component={Inbox} />
                  <Route path={patterns.record}>{({ id }) => <RecordView key={id} id={id} />}</Route>
                  <Route path={paths.attention} component={Attention} />
                  <Route path={paths.board} component={Board} />
                  <Route path={paths.products} component={Products} />
                  <Route path={patterns.product} component={Product} />
                  <Route path={paths.faces} component={Faces} />
                  <Route path={paths.messages} component={Messages} />
                  <Route path={patterns.message}>{({ id }) => <Message id={id} />}</Route>
                  <Route path={paths.refusals} component={Refusals} />
                  <Route path={paths.health} component={Health} />
                  <Route path={paths.try} component={TryIt} />
                  <Route path={paths.acts} component={Acts} />
                  <Route path={former.held}>
                    <Redirect to={`${paths.attention}?state=held`} replace />
                  </Route>
                  <Route path={former.dead}>
                    <Redirect to={`${paths.attention}?state=dead`} replace />
                  </Route>
                  <Route path={former.mails}>
                    <Redirect to={paths.messages} replace />
                  </Route>
                  <Route path={former.mail}>{({ id }) => <Redirect to={paths.message(id)} replace />}</Route>
                  <Route>
                    <ViewTitle text={texts.pages.notFound} />
                    <Empty title={texts.notFoundSays}>
                      <Button component={Link} to={paths.inbox} variant="default">
                        {texts.toInbox}
                      </Button>
                    </Empty>
                  </Route>
                </Switch>
              </Shown>
            </Frame>
          </NamesEnvironments>
        </KeepsEnvironment>
      </LocalStackContext>
    </RoleContext>
  );
}

/** What has a script of its own. */
function Shown({ path, children }: { path: string; children: ReactNode }) {
  return (
    <ScriptBoundary path={path}>
      <Suspense fallback={null}>{children}</Suspense>
    </ScriptBoundary>
  );
}

/** Once the browser has nothing else to do. */
function loadOtherViews(): () => void {
  const timer = setTimeout(loadEverything, otherViewsMs);
  return () => clearTimeout(timer);
}
