/** Text of people and agents goes into Markdown as text: no heading, list, link or table comes out of it. */
export const plainText = (text: string): string =>
  text.replace(/[\r\n]+/g, " ").replace(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`);

export interface NoteParts {
  title: string;
  /** Name and value of each line; the value is Markdown already. */
  facts: [name: string, value: string][];
  targets: { name: string; addresses: readonly string[] };
  request: { name: string; text: string } | null;
  steps: { name: string; lines: string[] };
}

/** An incident note to paste into a ticket. */
export function incidentNote({ title, facts, targets, request, steps }: NoteParts): string {
  const blocks = [`## ${plainText(title)}`, facts.map(([name, value]) => `- **${name}**: ${value}`).join("\n")];
  if (targets.addresses.length > 0)
    blocks.push(
      `**${targets.name} (${targets.addresses.length})**`,
      targets.addresses.map((address) => `- \`${address}\``).join("\n"),
    );
  if (request) blocks.push(`**${request.name}**`, `\`\`\`http\n${request.text}\n\`\`\``);
  blocks.push(`**${steps.name}**`, steps.lines.map((line, at) => `${at + 1}. ${line}`).join("\n"));
  return `${blocks.join("\n\n")}\n`;
}
