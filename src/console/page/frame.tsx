import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api } from "./api.ts";
import { EnvironmentMenu } from "./frame/environment-menu.tsx";
import { type Badge, type Place, places, usePlaces } from "./frame/places.ts";
import { useKeysOn } from "./keys.ts";
import { tellOtherTabs, useLive } from "./live.ts";
import { Icon } from "./parts/icon.tsx";
import { KeysHelp } from "./parts/keys-help.tsx";
import { paths } from "./paths.ts";
import { queries, sessionKey } from "./queries.ts";
import { SearchBox } from "./search/search-box.tsx";
import { useMayAct } from "./session.ts";
import { texts } from "./texts.ts";

/** The frame of every view: navigation with what waits behind each name, and the signed-in person. */
export function Frame({ operator, children }: { operator: string; children: ReactNode }) {
  const [path] = useLocation();
  const [isOpen, setOpen] = useState(false);
  useLive();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the address changes.
  useEffect(() => setOpen(false), [path]);
  const badges = usePlaces();
  const mayAct = useMayAct();
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <header className="top">
        <Brand />
        <EnvironmentMenu />
        <UnstyledButton
          className="icon-button"
          onClick={() => setOpen(!isOpen)}
          aria-expanded={isOpen}
          aria-controls="menu"
          aria-label={texts.menu}
        >
          <Icon name={isOpen ? "close" : "menu"} size={20} />
        </UnstyledButton>
      </header>
      <nav id="menu" className="side" data-open={isOpen || undefined} aria-label={texts.menu}>
        <Brand />
        <EnvironmentMenu />
        {places.map(({ group, links }) => (
          <div key={group} className="side-group">
            <p className="side-title">{texts.sideGroups[group]}</p>
            {links
              .filter(({ actsOnly }) => mayAct || !actsOnly)
              .map((place) => (
                <SideLink key={place.to} place={place} path={path} badge={badges.of(place)} />
              ))}
          </div>
        ))}
        <Person operator={operator} />
      </nav>
      <main id="content" tabIndex={-1}>
        <SearchBox />
        {children}
      </main>
      <nav className="bottom" aria-label={texts.mainViews}>
        {places
          .flatMap(({ links }) => links)
          .filter(({ isMain }) => isMain)
          .map((place) => (
            <BottomLink key={place.to} place={place} path={path} badge={badges.of(place)} />
          ))}
        <UnstyledButton
          className="bottom-link"
          onClick={() => setOpen(!isOpen)}
          aria-expanded={isOpen}
          aria-controls="menu"
        >
          <span className="bottom-sign">
            <Icon name="dots" size={20} />
            <Mark badge={badges.others} />
          </span>
          {texts.moreViews}
        </UnstyledButton>
      </nav>
      <KeysHelp />
    </div>
  );
}

function Brand() {
  return (
    <Link to={paths.inbox} className="brand">
      <img src="/icon.svg" alt="" width={24} height={24} />
      <span className="brand-name">{texts.product}</span>
    </Link>
  );
}

const isHere = ({ to }: Place, path: string) =>
  to === paths.inbox
    ? path === "/" || path.startsWith("/console/notifications")
    : path.startsWith(to) || (to === paths.products && path.startsWith("/console/product"));

interface LinkProps {
  place: Place;
  path: string;
  badge: Badge | null;
}

function SideLink({ place, path, badge }: LinkProps) {
  const here = isHere(place, path);
  return (
    <Link to={place.to} className="side-link" aria-current={here ? "page" : undefined}>
      <Icon name={place.icon} />
      <span className="side-name">{place.title}</span>
      <Mark badge={badge} />
    </Link>
  );
}

function BottomLink({ place, path, badge }: LinkProps) {
  const here = isHere(place, path);
  return (
    <Link to={place.to} className="bottom-link" aria-current={here ? "page" : undefined}>
      <span className="bottom-sign">
        <Icon name={place.icon} size={20} />
        <Mark badge={badge} />
      </span>
      {place.short ?? place.title}
    </Link>
  );
}

/** What waits behind a name: a number or a dot, with words for those who do not see it. */
function Mark({ badge }: { badge: Badge | null }) {
  if (badge === null) return null;
  return (
    <>
      <span className={`mark ${badge.tone}`} data-dot={badge.count === null || undefined} aria-hidden="true">
        {badge.count === null ? null : badge.count > 999 ? "999+" : badge.count}
      </span>
      <span className="hidden-text">, {badge.says}</span>
    </>
  );
}

function Person({ operator }: { operator: string }) {
  const mayAct = useMayAct();
  const [keysOn, setKeysOn] = useKeysOn();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className="side-end">
      <Menu position="top-start" width={216} withinPortal={false}>
        <Menu.Target>
          <UnstyledButton className="person">
            <span className="person-sign" aria-hidden="true">
              {operator.slice(0, 1).toUpperCase()}
            </span>
            <span className="person-name">
              <span>
                <span className="hidden-text">{texts.signedInAs} </span>
                <strong>{operator}</strong>
              </span>
              <span className="quiet caption">{mayAct ? texts.signIn.operator : texts.signIn.viewer}</span>
            </span>
            <Icon name="dots" />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{texts.schemeLabel}</Menu.Label>
          <Menu.RadioGroup
            value={colorScheme}
            onChange={(value) => setColorScheme(value === "light" || value === "dark" ? value : "auto")}
          >
            {(["light", "dark", "auto"] as const).map((scheme) => (
              <Menu.RadioItem key={scheme} value={scheme}>
                {texts.scheme[scheme]}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.CheckboxItem checked={keysOn} onChange={setKeysOn} closeMenuOnClick>
            {texts.keysOn}
          </Menu.CheckboxItem>
          {mayAct && (
            <Menu.Item component="a" href="/api/upload-widget" leftSection={<Icon name="open" />}>
              {texts.upload}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="back" />} onClick={signOut}>
            {texts.signIn.out}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

async function signOut() {
  await answer(api["sign-out"].$post());
  queries.setQueryData(sessionKey, null);
  // Data loaded in the session is discarded with it.
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
  tellOtherTabs();
}
