import { Button, Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch } from "wouter";
import type { OperatorRole } from "../../lib/shared/operators.ts";
import { ApiProblem, answer, api, signIn } from "./api.ts";
import { onToken, takeToken } from "./fragment.ts";
import { Frame } from "./frame.tsx";
import { whenAnotherTabTells } from "./live.ts";
import { Empty } from "./parts/empty.tsx";
import { Problem } from "./parts/problem.tsx";
import { ViewTitle } from "./parts/title.tsx";
import { former, paths, patterns } from "./paths.ts";
import { queries, sessionKey } from "./queries.ts";
import { LocalStackContext, RoleContext } from "./session.ts";
import { texts } from "./texts.ts";
import { Attention } from "./views/attention/attention.tsx";
import { Acts } from "./views/audit-log.tsx";
import { Health } from "./views/health.tsx";
import { Inbox } from "./views/inbox/inbox.tsx";
import { Message } from "./views/message.tsx";
import { Messages } from "./views/messages.tsx";
import { Product } from "./views/product.tsx";
import { Products } from "./views/products.tsx";
import { RecordView } from "./views/record/record.tsx";
import { Refusals } from "./views/refusals.tsx";
import { Closed, SignIn } from "./views/sign-in.tsx";

const Board = lazy(async () => ({ default: (await import("./views/board/board.tsx")).Board }));

const Faces = lazy(async () => ({ default: (await import("./views/faces/faces.tsx")).Faces }));
const TryIt = lazy(async () => ({ default: (await import("./views/try-it.tsx")).TryIt }));

/** Taken out of the address as soon as the script runs, not when the first view is drawn. */
let linkToken = takeToken();

/** The sign-in page, and the views by address once signed in. Each address has a rule in netlify.toml. */
export function App() {
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: readSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => whenAnotherTabTells(() => void queries.invalidateQueries({ queryKey: sessionKey })), []);
  useEffect(
    () =>
      onToken((token) => {
        linkToken = token;
        void queries.invalidateQueries({ queryKey: sessionKey });
      }),
    [],
  );
  if (session.isPending)
    return (
      <Center mih="100vh">
        <Loader aria-label={texts.loading} />
      </Center>
    );
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
