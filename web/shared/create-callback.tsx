/** "New callback": an agent or supervisor books one for a customer, under the same rules as from the chat. */
import { useState } from "preact/hooks";
import type { ProviderChoice } from "./contract";
import { Dialog } from "./dialog";
import { Icon } from "./icons";
import { CreateCallbackForm } from "./create-callback-form";

interface CreateCallbackProps {
  providers: ProviderChoice[];
  zone: string;
  create: (request: Record<string, unknown>) => Promise<unknown>;
}

export function CreateCallback(props: CreateCallbackProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <NewCallbackButton onPress={() => setOpen(true)} />
      {open && <NewCallbackDialog {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

export function NewCallbackButton({ onPress }: { onPress: () => void }) {
  return (
    <button type="button" class="button small outlined" onClick={onPress}>
      <Icon name="plus" size={16} />
      New callback
    </button>
  );
}

/** By itself for pages whose parts move about: what was typed must outlive a turned tablet. */
export function NewCallbackDialog({ onClose, ...props }: CreateCallbackProps & { onClose: () => void }) {
  return (
    <Dialog title="New callback" onClose={onClose}>
      <CreateCallbackForm {...props} onDone={onClose} />
    </Dialog>
  );
}
