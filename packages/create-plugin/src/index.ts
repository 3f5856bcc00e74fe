// SPDX-License-Identifier: MIT
export { configure } from './command.ts'
export { type CreatedPlugin, type CreateRequest, createPlugin } from './create.ts'
export { CreateError } from './failure.ts'
export { type Kind, kinds, type Language, languages } from './templates.ts'
export { findProgram, installLine, type MissingTool, missingTools } from './tools.ts'
