// @ts-check
// VitePress's own theme with the system's fonts, and what is played in pages.
import theme from 'vitepress/theme-without-fonts'
import PluginPlayer from './plugin-player.mjs'
import './style.css'

/** @type {import('vitepress').Theme} */
export default {
  extends: theme,
  enhanceApp: ({ app }) => void app.component('PluginPlayer', PluginPlayer),
}
