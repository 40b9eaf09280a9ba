import type { ReactNode } from "react";

/** One matter of the settings: what it is about at the side, what can be done beside it. */
export function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <section className="grid gap-x-10 gap-y-3 border-t py-7 md:grid-cols-[15rem_minmax(0,1fr)]">
      <div>
        <h2 className="text-lg leading-tight">{title}</h2>
        {lead ? <p className="mt-1 text-sm text-ink-2">{lead}</p> : null}
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
