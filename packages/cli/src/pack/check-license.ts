// SPDX-License-Identifier: MIT
import type { Descriptor } from '@arranger/engine'
import { type Check, failed, passed, warning } from './checks.ts'
import type { Project } from './project.ts'

/** Nobody may use what comes without a licence, and nobody may pass it on without its text. */
export function checkTexts({ name, manifest, licenseFile, readme }: Project): Check[] {
  const { license } = manifest
  const isNamed = typeof license === 'string' && license !== ''
  const stated = isNamed
    ? passed('license', name, license)
    : failed(
        'license',
        name,
        'license_missing',
        'its package.json has no "license"',
        'add one, such as "license": "MIT"',
      )
  const text = licenseFile
    ? passed('license text', name, licenseFile)
    : failed(
        'license text',
        name,
        'license_file_missing',
        'there is no LICENSE file',
        'put the text of the licence there',
      )
  const about = readme
    ? passed('readme', name, readme)
    : warning('readme', name, 'readme_missing', 'there is no README', 'say there what the plugin is for')
  return [stated, text, about]
}

/** A plugin may say its licence too; two that differ would leave users to guess. */
export function checkPluginLicenses({ name, manifest }: Project, plugins: readonly Descriptor[]): Check[] {
  return plugins
    .filter(({ license }) => license !== '')
    .map(({ id, license }) => {
      if (license === manifest.license) return passed('plugin license', id, license)
      const found = `it says ${license}, the package.json of ${name} ${String(manifest.license)}`
      return failed('plugin license', id, 'license_mismatch', found, 'let both say the same')
    })
}
