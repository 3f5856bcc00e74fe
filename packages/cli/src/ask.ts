import { EngineError, type ErrorCode, handle } from '@arranger/engine'

/** A reply of the engine, fields by name. */
export type Reply = Record<string, unknown> & { status: 'ok' }

/**
 * Asks the process's engine for something that takes no parameters.
 * @throws EngineError with the engine's code.
 */
export function ask(cmd: string): Reply {
  const reply = JSON.parse(handle(JSON.stringify({ cmd }))) as
    | Reply
    | { status: 'error'; code: ErrorCode; message: string }
  if (reply.status === 'error') throw new EngineError(reply.code as ErrorCode, reply.message as string)
  return reply as Reply
}
