export function ReportSection(_: { queue: string | null }) {
  return null;
}
