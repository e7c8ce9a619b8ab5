import {
  Burger,
  Group,
  NavLink,
  SegmentedControl,
  Switch,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api } from "./api.ts";
import { useKeysOn } from "./keys.ts";
import { paths } from "./paths.ts";
import { calmMs, queries, sessionKey } from "./queries.ts";
import { useMayAct } from "./session.ts";
import { texts } from "./texts.ts";

const links = [
  { to: paths.inbox, title: texts.pages.inbox },
  { to: paths.board, title: texts.pages.board },
  { to: paths.products, title: texts.pages.products },
  { to: paths.faces, title: texts.pages.faces },
  { to: paths.mails, title: texts.pages.mails },
  { to: paths.held, title: texts.pages.held, counts: "held" },
  { to: paths.dead, title: texts.pages.dead, counts: "dead" },
  { to: paths.refusals, title: texts.pages.refusals },
  { to: paths.health, title: texts.pages.health },
  { to: paths.acts, title: texts.pages.acts },
] as const;

/** The frame of every view: navigation, counts that need attention, and the signed-in operator. */
export function Frame({ operator, children }: { operator: string; children: ReactNode }) {
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  const mayAct = useMayAct();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the address changes.
  useEffect(() => setOpen(false), [path]);
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <header className="top">
        <Brand />
        <Burger
          className="menu-button"
          opened={open}
          onClick={() => setOpen(!open)}
          aria-label={texts.menu}
          size="sm"
        />
      </header>
      <nav className="side" data-open={open || undefined} aria-label={texts.menu}>
        <Brand />
        <Links path={path} />
        <div className="side-end">
          {mayAct && (
            <a className="textual" href="/api/upload-widget">
              {texts.upload}
            </a>
          )}
          <Scheme />
          <KeysSwitch />
          <Group gap="xs" justify="space-between" wrap="nowrap">
            <Text size="xs" className="quiet">
              {texts.signIn.as} <strong>{operator}</strong>
              {!mayAct && ` (${texts.signIn.viewer})`}
            </Text>
            <UnstyledButton className="textual" onClick={signOut}>
              {texts.signIn.out}
            </UnstyledButton>
          </Group>
        </div>
      </nav>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Brand() {
  return (
    <Link to={paths.inbox} className="brand">
      <img src="/icon.svg" alt="" width={24} height={24} />
      {texts.product}
    </Link>
  );
}

function Links({ path }: { path: string }) {
  const { data } = useQuery({
    queryKey: ["handlers"],
    queryFn: () => answer(api.handlers.$get()),
    refetchInterval: calmMs,
  });
  const waiting = (state: "held" | "dead") =>
    data?.handlers.reduce((sum, handler) => sum + handler[state], 0) ?? 0;
  return links.map((link) => {
    const count = "counts" in link ? waiting(link.counts) : 0;
    const here =
      link.to === paths.inbox
        ? path === "/" || path.startsWith("/console/notifications")
        : path.startsWith(link.to);
    return (
      <NavLink
        key={link.to}
        component={Link}
        to={link.to}
        label={link.title}
        active={here}
        aria-current={here ? "page" : undefined}
        rightSection={count > 0 ? <span className="count">{count}</span> : null}
      />
    );
  });
}

function Scheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      fullWidth
      aria-label={texts.schemeLabel}
      value={colorScheme}
      onChange={(value) => setColorScheme(value === "light" || value === "dark" ? value : "auto")}
      data={[
        { value: "light", label: texts.scheme.light },
        { value: "dark", label: texts.scheme.dark },
        { value: "auto", label: texts.scheme.auto },
      ]}
    />
  );
}

/** Single-key shortcuts can interfere with speech input and other tools. */
function KeysSwitch() {
  const [on, setOn] = useKeysOn();
  return (
    <Switch
      size="xs"
      label={texts.keysOn}
      checked={on}
      onChange={(event) => setOn(event.currentTarget.checked)}
    />
  );
}

async function signOut() {
  await answer(api["sign-out"].$post());
  queries.setQueryData(sessionKey, null);
  // Data loaded in the session is discarded with it.
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
}
