import { Link } from "wouter";

export interface ViewTab {
  to: string;
  name: string;
  count?: string | number | null;
  here: boolean;
}

/** The views within a view, each with an address of its own. */
export function ViewTabs({ label, tabs }: { label: string; tabs: readonly ViewTab[] }) {
  return (
    <nav className="view-tabs" aria-label={label}>
      {tabs.map(({ to, name, count, here }) => (
        <Link key={name} to={to} className="view-tab" aria-current={here ? "page" : undefined}>
          {name}
          {count !== undefined && count !== null && <span className="tab-count">{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
