import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch } from "wouter";
import type { OperatorRole } from "../../lib/shared/operators.ts";
import { ApiProblem, answer, api, signIn } from "./api.ts";
import { tokenOfLink } from "./early.ts";
import { KeepsEnvironment } from "./environment.tsx";
import { onToken } from "./fragment.ts";
import { Frame } from "./frame.tsx";
import { whenAnotherTabTells } from "./live.ts";
import { Empty } from "./parts/empty.tsx";
import { later } from "./parts/later.tsx";
import { Problem } from "./parts/problem.tsx";
import { ViewTitle } from "./parts/title.tsx";
import { former, paths, patterns } from "./paths.ts";
import { queries, sessionKey } from "./queries.ts";
import { LocalStackContext, RoleContext } from "./session.ts";
import { texts } from "./texts.ts";
import { Closed, SignIn } from "./views/sign-in.tsx";
import { views } from "./views.ts";

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

let linkToken = tokenOfLink;

/** When the first view has been drawn, also on a slow machine. */
const otherViewsMs = 3_000;

/** The sign-in page, and the views by address once signed in. Each address has a rule in netlify.toml. */
export function App() {
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: readSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(loadOtherViews, []);
  useEffect(() => whenAnotherTabTells(() => void queries.invalidateQueries({ queryKey: sessionKey })), []);
  useEffect(
    () =>
      onToken((token) => {
        linkToken = token;
        void queries.invalidateQueries({ queryKey: sessionKey });
      }),
    [],
  );
  // Nothing: index.html shows the outline of the page until something is drawn.
  if (session.isPending) return null;
  if (session.error instanceof ApiProblem && session.error.reason in texts.closed)
    return <Closed reason={session.error.reason} hint={session.error.message} />;
  if (session.data === undefined)
    return (
      <main className="door">
        <Problem error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  if (session.data === null) return <SignIn />;
  return (
    <RoleContext value={session.data.role}>
      <LocalStackContext value={session.data.localStack}>
        <KeepsEnvironment>
          <Frame operator={session.data.operator}>
            <Suspense fallback={null}>
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
            </Suspense>
          </Frame>
        </KeepsEnvironment>
      </LocalStackContext>
    </RoleContext>
  );
}

/** null: nobody is signed in. */
async function readSession(): Promise<{ operator: string; role: OperatorRole; localStack: boolean } | null> {
  const token = linkToken;
  linkToken = null;
  try {
    if (token !== null) await signIn(token);
    return await answer(api.session.$get());
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}

/** Loads the views that were not asked for once the browser has nothing else to do, so that none is waited for. */
function loadOtherViews(): () => void {
  const load = () => {
    for (const view of Object.values(views)) view().catch(() => null);
  };
  const timer = setTimeout(load, otherViewsMs);
  return () => clearTimeout(timer);
}
