import { CliError, exitCodes } from './failure.ts'

/**
 * Runs a task with a signal that Ctrl-C (or SIGTERM) aborts, so that the task ends in order. A second Ctrl-C does not
 * wait for that.
 * @param message What the user is told then, where nothing was written is not true.
 */
export async function interruptible<T>(
  task: (signal: AbortSignal) => Promise<T>,
  message: () => string | undefined = () => undefined,
): Promise<T> {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort(new CliError('cancelled', message() ?? 'Interrupted; nothing was written'))
  }
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) process.on(name, interrupt)
  try {
    return await task(controller.signal)
  } finally {
    for (const name of names) process.off(name, interrupt)
  }
}
