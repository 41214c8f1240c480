/** What can be done with the rows that are selected; each opens a preview first. */
import type { ConsoleRow } from "../shared/contract";
import type { Asked } from "./act-dialog";

interface SelectionBarProps {
  rows: ConsoleRow[];
  onAct: (asked: Asked) => void;
  onClear: () => void;
}

export function SelectionBar({ rows, onAct, onClear }: SelectionBarProps) {
  const callbacks = rows.map(({ id, customer }) => ({ id, customer }));
  return (
    <div class="selection" role="toolbar" aria-label="Selected callbacks">
      <span>{rows.length} selected</span>
      <button type="button" class="button outlined small" onClick={() => onAct({ action: "move", callbacks })}>
        Move
      </button>
      <button type="button" class="button outlined small" onClick={() => onAct({ action: "reassign", callbacks })}>
        Reassign
      </button>
      <button type="button" class="button outlined small" onClick={() => onAct({ action: "offer_move", callbacks })}>
        Offer a move
      </button>
      <button type="button" class="button outlined small" onClick={() => onAct({ action: "message", callbacks })}>
        Write
      </button>
      <button type="button" class="button quiet-bad small" onClick={() => onAct({ action: "cancel", callbacks })}>
        Cancel
      </button>
      <button type="button" class="button quiet small" onClick={onClear}>
        Clear the selection
      </button>
    </div>
  );
}
