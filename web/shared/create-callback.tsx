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
      <button type="button" class="button small outlined" onClick={() => setOpen(true)}>
        <Icon name="plus" size={16} />
        New callback
      </button>
      {open && (
        <Dialog title="New callback" onClose={() => setOpen(false)}>
          <CreateCallbackForm {...props} onDone={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}
