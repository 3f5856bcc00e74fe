// The processes of this machine.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  pid: number
  parent: number
  name: string
  /** The program and its arguments; of one that has ended and waits for its parent, nothing. */
  command: string
}

function readProcess(pid: string): Process[] {
  try {
    const [, name = '', parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').match(/\((.*)\) \S (\d+)/s) ?? []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return [{ pid: Number(pid), parent: Number(parent), name, command }]
  } catch {
    return [] // it has ended meanwhile
  }
}

export function processes(): Process[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap(readProcess)
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  return list.map((line) => {
    const [, pid, parent, command = ''] = line.match(/^\s*(\d+)\s+(\d+)\s+(.*)$/) ?? []
    return { pid: Number(pid), parent: Number(parent), name: command, command }
  })
}
