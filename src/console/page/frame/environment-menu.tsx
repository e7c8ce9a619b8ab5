import { Menu, UnstyledButton } from "@mantine/core";
import { chooseCloud, useCloud } from "../environment.tsx";
import { useClouds } from "../live.ts";
import { Icon } from "../parts/icon.tsx";
import { texts } from "../texts.ts";

const words = texts.environments;

/** The product environment of all views. Absent if there is only one. */
export function EnvironmentMenu() {
  const cloud = useCloud();
  const clouds = useClouds();
  if (clouds.length === 0 && cloud === null) return null;
  // One that is only in the address can be left.
  const all = cloud === null || clouds.includes(cloud) ? clouds : [cloud, ...clouds];
  return (
    <Menu position="bottom-start" width={208} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className="environment" data-set={cloud !== null || undefined}>
          <Icon name="cloud" />
          <span className="environment-name">
            <span className="hidden-text">{words.label}: </span>
            <bdi>{cloud ?? words.all}</bdi>
          </span>
          <Icon name="down" size={12} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={cloud ?? ""} onChange={(value) => chooseCloud(value === "" ? null : value)}>
          <Menu.RadioItem value="" closeMenuOnClick>
            {words.all}
          </Menu.RadioItem>
          {all.map((one) => (
            <Menu.RadioItem key={one} value={one} closeMenuOnClick>
              <bdi>{one}</bdi>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
