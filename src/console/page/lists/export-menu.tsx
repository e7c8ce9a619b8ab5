import { Menu, UnstyledButton } from "@mantine/core";
import { useCloudFilter } from "../environment.tsx";
import { Icon } from "../parts/icon.tsx";
import { texts } from "../texts.ts";

const words = texts.lists;

interface ExportMenuProps {
  /** Its name at /api/exports. */
  list: string;
  filters: object;
}

/** The list as a file, with its filters. */
export function ExportMenu({ list, filters }: ExportMenuProps) {
  const cloud = useCloudFilter();
  const href = (format: string) =>
    `/api/exports/${list}?${new URLSearchParams({ ...filters, ...cloud, format })}`;
  return (
    <Menu position="bottom-end" width={200} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className="icon-button slim list-menu" aria-label={words.more}>
          <Icon name="dots" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {(["json", "csv"] as const).map((format) => (
          <Menu.Item
            key={format}
            component="a"
            href={href(format)}
            download
            leftSection={<Icon name="file" />}
          >
            {words.exportAs[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
