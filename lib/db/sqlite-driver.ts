import "server-only";
import { performance } from "node:perf_hooks";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import {
  RawNode,
  SelectQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from "kysely";
import type { FileGuard } from "./file-guard";
import { isLocked, nameSqliteError } from "./sqlite-error";

/** So long a lock of somebody else is waited for; less than an audit line may take, so that the refusal is the truth. */
const PATIENCE_MS = 9_000;
const SHORTEST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 50;
/** Statements run on the thread that serves people: after this long with them, others get their turn on it. */
const BREATH_MS = 10;
/** Lists of ids make statements of their own, so those used least go. */
const MOST_PREPARED = 400;

/** One connection to the file, with the statements that were prepared on it. */
class Handle {
  readonly database: DatabaseSyncInstance;
  readonly #prepared = new Map<string, { statement: StatementSyncInstance; hasRows: boolean }>();

  constructor(database: DatabaseSyncInstance) {
    this.database = database;
  }

  /** Runs to its end at once: no statement is ever left standing in the middle, where it would hold the transaction open. */
  run<R>({ sql, parameters }: Pick<CompiledQuery, "sql" | "parameters">): QueryResult<R> {
    const { statement, hasRows } = this.#prepare(sql);
    // As plain objects: rows of the driver have no prototype, and React refuses to hand such a one to the browser.
    if (hasRows) return { rows: statement.all(...parameters).map((row: object) => ({ ...row }) as R) };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
  }

  #prepare(sql: string) {
    const known = this.#prepared.get(sql);
    this.#prepared.delete(sql); // to the end of the line
    if (!known && this.#prepared.size >= MOST_PREPARED)
      for (const oldest of this.#prepared.keys()) {
        this.#prepared.delete(oldest);
        break;
      }
    const statement = known?.statement ?? this.database.prepare(sql);
    const prepared = known ?? { statement, hasRows: statement.columns().length > 0 };
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/** The right to write, handed on in the order of asking. */
class Turn {
  #waiting: (() => void)[] = [];
  #isTaken = false;

  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}

/** What one caller holds. Without a transaction it reads at once, whoever writes, and writes when it is its turn. */
class FileConnection implements DatabaseConnection {
  isWriting = false;
  readonly #driver: FileDriver;

  constructor(driver: FileDriver) {
    this.#driver = driver;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#driver.execute<R>(this, query);
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    await Promise.reject(
      new Error("a statement that is broken off would hold the transaction open: read pages instead"),
    );
  }
}

/**
 * Two connections to one file: one writes, one reads. A lock that somebody else holds is waited for between tries, off the
 * thread that serves people, and refused as SQLITE_BUSY when it lasts. What was acknowledged is committed: every write stands
 * between a `begin immediate` and a `commit` whose success is looked at.
 */
export class FileDriver implements Driver {
  readonly #open: (role: "read" | "write") => DatabaseSyncInstance;
  readonly #guard: FileGuard | null;
  readonly #turn = new Turn();
  #writer: Handle | null = null;
  #reader: Handle | null = null;
  /** Time in statements since the event loop had its turn. */
  #spentMs = 0;

  /** `open` makes a connection with a busy time of zero. With a guard, no write is begun or acknowledged against its word. */
  constructor(open: (role: "read" | "write") => DatabaseSyncInstance, guard: FileGuard | null = null) {
    this.#open = open;
    this.#guard = guard;
  }

  async init(): Promise<void> {
    // The writer first: it makes the file what it has to be.
    this.#writer = await this.#patiently(() => new Handle(this.#open("write")));
    this.#reader = await this.#patiently(() => new Handle(this.#open("read")));
    this.#guard?.compare((sql) => held(this.#writer).run<Record<string, unknown>>({ sql, parameters: [] }).rows[0]);
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(new FileConnection(this));
  }

  async execute<R>(connection: FileConnection, query: CompiledQuery): Promise<QueryResult<R>> {
    if (connection.isWriting) return this.#patiently(() => held(this.#writer).run<R>(query));
    if (isReading(query)) return this.#patiently(() => held(this.#reader).run<R>(query));
    await this.beginTransaction(connection);
    try {
      const result = await this.#patiently(() => held(this.#writer).run<R>(query));
      await this.commitTransaction();
      return result;
    } catch (error) {
      await this.rollbackTransaction(connection);
      throw error;
    } finally {
      await this.releaseConnection(connection);
    }
  }

  /** Every transaction here writes. Taking the write lock at once means waiting for another process, never failing late. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const asked = performance.now();
    await this.#turn.take();
    (connection as FileConnection).isWriting = true;
    try {
      await this.#patiently(() => {
        this.#undo();
        this.#guard?.check();
        this.#control("begin immediate");
      }, asked);
    } catch (error) {
      await this.releaseConnection(connection);
      throw error;
    }
  }

  async commitTransaction(): Promise<void> {
    await this.#patiently(() => {
      this.#guard?.check();
      this.#control("commit");
    });
    if (held(this.#writer).database.isTransaction) throw new Error("the commit did not end the transaction");
    this.#guard?.committed();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      this.#undo();
    } finally {
      await this.releaseConnection(connection);
    }
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    const ours = connection as FileConnection;
    if (ours.isWriting) {
      ours.isWriting = false;
      this.#turn.pass();
    }
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#guard?.close();
    for (const handle of [this.#reader, this.#writer]) {
      if (!handle?.database.isOpen) continue;
      // Closed in the middle of a transaction it would hold the file until its statements are collected.
      if (handle.database.isTransaction) handle.run({ sql: "rollback", parameters: [] });
      handle.database.close();
    }
    return Promise.resolve();
  }

  /** Some failures have ended the transaction already; what could not be undone then is undone before the next one begins. */
  #undo(): void {
    if (held(this.#writer).database.isTransaction) this.#control("rollback");
  }

  #control(sql: string): void {
    held(this.#writer).run({ sql, parameters: [] });
  }

  /** Tries until nobody is in the way, for `PATIENCE_MS` from `since` on, and at least once. */
  async #patiently<T>(work: () => T, since = performance.now()): Promise<T> {
    for (let wait = SHORTEST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      await this.#breathe();
      const began = performance.now();
      try {
        return work();
      } catch (error) {
        const isOver = performance.now() - since > PATIENCE_MS;
        if (!isLocked(error) || isOver) throw nameSqliteError(error);
      } finally {
        this.#spentMs += performance.now() - began;
      }
      await sleep(wait);
    }
  }

  /** Answers of statements come without the event loop, so that many in a row would hold up everybody else. */
  async #breathe(): Promise<void> {
    if (this.#spentMs < BREATH_MS) return;
    this.#spentMs = 0;
    await setImmediate();
  }
}

function held(handle: Handle | null): Handle {
  if (!handle) throw new Error("the file is not open");
  return handle;
}

/** What writes nothing. Whatever is not known to be so takes its turn as a write. */
function isReading({ query, sql }: CompiledQuery): boolean {
  return SelectQueryNode.is(query) || (RawNode.is(query) && /^\s*(select|explain)\b|^\s*pragma\s+\w+\s*$/i.test(sql));
}
