/** To whom a customer or a chat can be handed: those who are free now, read when it is offered. */
import { useEffect, useState } from "preact/hooks";
import type { TransferTarget } from "../shared/contract";
import { Icon } from "../shared/icons";
import { Menu, MenuItem } from "../shared/menu";

interface HandOverProps {
  about: string; // what is handed over: the list is read again for another one
  read: () => Promise<TransferTarget[]>;
  onChoose: (target: TransferTarget) => void;
}

export function HandOver({ about, read, onChoose }: HandOverProps) {
  const [targets, setTargets] = useState<TransferTarget[]>([]);
  useEffect(() => {
    void read().then(setTargets, () => setTargets([]));
  }, [about]);
  return (
    <Menu
      buttonClass="button outlined"
      label={
        <>
          Hand over
          <Icon name="chevronDown" size={16} />
        </>
      }
    >
      {(close) => (
        <>
          {targets
            .filter((each) => each.free)
            .map((each) => (
              <MenuItem key={each.id} onChoose={() => (close(), onChoose(each))}>
                {each.kind === "queue" ? `Whoever is free in ${each.name}` : each.name}
              </MenuItem>
            ))}
        </>
      )}
    </Menu>
  );
}
