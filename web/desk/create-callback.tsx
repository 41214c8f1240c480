export function CreateCallback(_: { queues: string[] }) {
  return null;
}
