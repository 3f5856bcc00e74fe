/** Why no plugin was made. */
export class CreateError extends Error {
  override readonly name = 'CreateError'

  /**
   * @param code What went wrong, for programs.
   * @param message One sentence: what was expected and what came.
   * @param hint A line that helps.
   */
  constructor(
    readonly code: 'usage' | 'invalid_name' | 'folder_not_empty' | 'cancelled',
    message: string,
    readonly hint?: string,
  ) {
    super(message)
  }
}
