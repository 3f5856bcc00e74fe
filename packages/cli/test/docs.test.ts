// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { arranger, folder, program } from './support.ts'

/** A site of three pages and something beside it that must stay private. */
function site(): string {
  const outside = folder()
  const path = join(outside, 'site')
  mkdirSync(join(path, 'guide'), { recursive: true })
  writeFileSync(join(outside, 'private.html'), 'private')
  writeFileSync(join(path, 'index.html'), '<h1>home</h1>')
  writeFileSync(join(path, '404.html'), '<h1>nothing</h1>')
  writeFileSync(join(path, 'guide/first-sound.html'), '<h1>first sound</h1>')
  writeFileSync(join(path, 'guide/sound.wav'), new Uint8Array(8))
  return path
}

/** `arranger docs` until the test is over: its address, and what it ends with after a signal. */
async function serving(): Promise<{ address: string; stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [program, 'docs'], {
    env: { ...process.env, ARRANGER_DOCS: site() },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    child.once('close', () => reject(new Error('it ended')))
  })
  const stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  return { address: line.trim(), stop }
}

/** Status, type and text of a path, sent as it is written: fetch would tidy it. */
function get(address: string, path: string): Promise<{ status: number | undefined; type: string; text: string }> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      const type = response.headers['content-type'] ?? ''
      response.on('end', () => resolve({ status: response.statusCode, type, text }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('arranger docs', () => {
  it('serves pages by their addresses to this machine, and nothing beside them', async () => {
    const { address, stop } = await serving()
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await get(address, '/')).toMatchObject({ status: 200, text: '<h1>home</h1>' })
    expect(await get(address, '/guide/first-sound')).toMatchObject({ status: 200, text: '<h1>first sound</h1>' })
    expect((await get(address, '/guide/sound.wav')).type).toBe('audio/wav')
    expect(await get(address, '/nowhere')).toMatchObject({ status: 404, text: '<h1>nothing</h1>' })
    for (const path of ['/../private.html', '/%2e%2e/private.html', '/guide/../../private'])
      expect(await get(address, path)).toMatchObject({ status: 404 })
    expect(await stop()).toBe(0)
  })

  it('listens on the port that is named: one that is not free is an error', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await new Promise((resolve) => other.once('listening', resolve))
    const port = String((other.address() as AddressInfo).port)
    const { code, stderr } = await arranger(['docs', '--port', port], { environment: { ARRANGER_DOCS: site() } })
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Port ${port} is in use`)])
  })

  it('says where it looked when there is no documentation', async () => {
    const empty = folder()
    const { code, stderr } = await arranger(['docs'], { environment: { ARRANGER_DOCS: empty } })
    expect([code, stderr]).toEqual([3, expect.stringContaining(empty)])
  })
})
