/** Whether one of the paths is below one of the folders, both compared in Unicode form NFC. */
export function isBelowFolder(paths: readonly (string | undefined)[], folders: readonly string[]): boolean {
  const composed = paths.map((path) => path?.normalize("NFC"));
  return folders.some((folder) => composed.some((path) => path?.startsWith(`${folder.normalize("NFC")}/`)));
}
