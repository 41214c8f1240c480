/** Every icon by name, for pages where the few kilobytes of all of them do not count. */
import { DrawnIcon } from "./icon";
import * as paths from "./icon-paths";

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20, label }: { name: IconName; size?: number; label?: string }) {
  return <DrawnIcon d={paths[name]} size={size} label={label} />;
}
