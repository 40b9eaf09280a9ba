import type { Server } from "./schema";

/** A server with an agent of its own: only such a one can be asked, stopped or started from here. */
export type AgentServer = Server & { agent: NonNullable<Server["agent"]> };

export const hasAgent = (server: Server): server is AgentServer => server.agent !== null;
