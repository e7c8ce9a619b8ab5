import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Route, Switch } from "wouter";
import type { OperatorRole } from "../../lib/shared/operators.ts";
import { ApiProblem, answer, api, signIn } from "./api.ts";
import { onToken, takeToken } from "./fragment.ts";
import { Frame } from "./frame.tsx";
import { Problem } from "./parts/problem.tsx";
import { ViewTitle } from "./parts/title.tsx";
import { paths, patterns } from "./paths.ts";
import { queries, sessionKey } from "./queries.ts";
import { RoleContext } from "./session.ts";
import { texts } from "./texts.ts";
import { Stuck } from "./views/attention.tsx";
import { Acts } from "./views/audit-log.tsx";
import { Board } from "./views/board/board.tsx";
import { Faces } from "./views/faces/faces.tsx";
import { Health } from "./views/health.tsx";
import { Inbox } from "./views/inbox/inbox.tsx";
import { Mail } from "./views/mail.tsx";
import { Mails } from "./views/mails.tsx";
import { Product } from "./views/product.tsx";
import { Products } from "./views/products.tsx";
import { RecordView } from "./views/record/record.tsx";
import { Refusals } from "./views/refusals.tsx";
import { Closed, SignIn } from "./views/sign-in.tsx";

/** Taken out of the address as soon as the script runs, not when the first view is drawn. */
let linkToken = takeToken();

/** The sign-in page, and the views by address once signed in. Each address has a rule in netlify.toml. */
export function App() {
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: readSession,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(
    () =>
      onToken((token) => {
        linkToken = token;
        queries.invalidateQueries({ queryKey: sessionKey });
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
  if (session.error) return <Problem error={session.error} retry={() => session.refetch()} />;
  if (session.data === null) return <SignIn />;
  return (
    <RoleContext value={session.data.role}>
      <Frame operator={session.data.operator}>
        <Switch>
          <Route path={paths.inbox} component={Inbox} />
          <Route path={patterns.record}>{({ id }) => <RecordView key={id} id={id} />}</Route>
          <Route path={paths.board} component={Board} />
          <Route path={paths.products} component={Products} />
          <Route path={patterns.product} component={Product} />
          <Route path={paths.faces} component={Faces} />
          <Route path={paths.mails} component={Mails} />
          <Route path={patterns.mail}>{({ id }) => <Mail id={id} />}</Route>
          <Route path={paths.held}>
            <Stuck key="held" state="held" />
          </Route>
          <Route path={paths.dead}>
            <Stuck key="dead" state="dead" />
          </Route>
          <Route path={paths.refusals} component={Refusals} />
          <Route path={paths.health} component={Health} />
          <Route path={paths.acts} component={Acts} />
          <Route>
            <ViewTitle text={texts.pages.notFound} />
          </Route>
        </Switch>
      </Frame>
    </RoleContext>
  );
}

/** null: nobody is signed in. */
async function readSession(): Promise<{ operator: string; role: OperatorRole } | null> {
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
