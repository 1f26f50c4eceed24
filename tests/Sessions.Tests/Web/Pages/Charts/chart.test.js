import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

test('charts write in the font of the page', async () => {
  const canvases = []
  globalThis.document = { body: {}, querySelectorAll: () => canvases, addEventListener: () => {} }
  globalThis.getComputedStyle = () => ({ fontFamily: 'The Page, sans-serif' })
  globalThis.matchMedia = () => ({ addEventListener: () => {} })
  const script = new URL('../../../../../src/Sessions.Web/Layout/Scripts/chart.js', import.meta.url)
  const { Chart } = await import(pathToFileURL(createRequire(script).resolve('chart.js').replace(/\.cjs$/, '.js')))
  const { start } = await import(script)

  start()

  assert.equal(Chart.defaults.font.family, 'The Page, sans-serif')
})
