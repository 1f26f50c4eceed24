import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configuration, heightOf, shorten } from '../../../../../src/Sessions.Web/Layout/Scripts/chart-options.js'

const look = { color: (name, alpha) => `${name}/${alpha ?? 1}`, stripes: (paint, ...ways) => `${ways.join('+')} stripes of ${paint}` }
const one = (label, data, more) => ({ label, color: 0, previous: false, data, ...more })
const before = (data, more) => one('before', data, { previous: true, titles: ['Mon', 'Tue', 'Wed'], ...more })
const drawn = (more) => configuration({ kind: 'line', unit: 'count', labels: ['a', 'b', 'c'], series: [one('now', [1, 2, 3]), before([3, 2, 1])], ...more }, look)
const sets = (more) => drawn(more).data.datasets
// Twelve series, of which four have the colour of another one, each with the time before.
const many = Array.from({ length: 12 }, (_, at) => [one(`s${at}`, [1, 2, 3], { color: at }), before([1, 2, 3], { color: at })]).flat()

for (const kind of ['line', 'area']) {
  test(`lines of a chart of kind ${kind} are straight`, () => {
    for (const set of sets({ kind })) {
      assert.equal(set.tension ?? 0, 0)
      assert.equal(set.cubicInterpolationMode, undefined)
      assert.equal(set.stepped, undefined)
    }
    assert.equal(drawn({ kind }).options.elements, undefined)
  })
}

test('a line to a time that is not over is dashed, and differs from the time before and from all series', () => {
  const all = sets({ partial: { 2: 'not over yet' }, series: many })
  const running = all[0].segment.borderDash({ p0DataIndex: 1, p1DataIndex: 2 })
  assert.equal(all[0].segment.borderDash({ p0DataIndex: 0, p1DataIndex: 1 }), undefined)
  assert.ok(running.length > 0)
  // Both are gaps in a line: one has dashes of at least three times the other's length.
  const previous = all[1].borderDash
  assert.ok(running[0] >= 3 * previous[0], `${running} and ${previous}`)
  for (const set of all) {
    assert.notDeepEqual(set.borderDash, running)
    assert.equal(set.previous ? set.segment : undefined, undefined)
  }
})

test('a bar of a time that is not over is striped, and no other bar looks like it', () => {
  const all = sets({ kind: 'bar', partial: { 2: 'not over yet' }, series: many })
  for (const set of all) {
    const [first, second, running] = set.backgroundColor
    assert.equal(first, second)
    assert.match(running, /rising.* stripes/)
  }
  const looks = all.map((set) => set.backgroundColor[0])
  assert.equal(new Set([...looks, ...all.map((set) => set.backgroundColor[2])]).size, 2 * all.length)
})

test('an axis of whole counts has whole ticks', () => {
  assert.equal(drawn().options.scales.y.ticks.precision, 0)
  assert.equal(drawn({ series: [one('a', [0, null, 1])] }).options.scales.y.ticks.precision, 0)
  assert.equal(drawn({ series: [one('a', [0, 0.5, 1])] }).options.scales.y.ticks.precision, undefined)
})

test('an axis of durations has the ticks of a clock', () => {
  const { ticks } = drawn({ unit: 'seconds', series: [one('a', [10, 280, 100])] }).options.scales.y
  assert.deepEqual([ticks.stepSize, ticks.callback(ticks.stepSize)], [60, '1 min'])
})

test('a chart without a value has an axis up to one', () => {
  assert.equal(drawn({ series: [one('a', [0, 0, 0])] }).options.scales.y.suggestedMax, 1)
})

test('a tooltip says the dates of both times, the change, and that a time is not over', () => {
  const { options, data } = drawn({ titles: ['Mon 10', 'Tue 11', 'Wed 12'], partial: { 2: 'not over yet' } })
  const items = data.datasets.map((dataset) => ({ dataset, dataIndex: 2, raw: dataset.data[2], label: 'c' }))
  const { title, label, footer } = options.plugins.tooltip.callbacks
  assert.equal(title(items), 'Wed 12')
  assert.deepEqual(items.map(label), [' now: 3', ' Wed: 1'])
  assert.deepEqual(footer(items), ['+200%', 'not over yet'])
  assert.equal(title([]), '')
})

test('a tooltip of several series says whose change it is', () => {
  const { options, data } = drawn({ series: many })
  const items = data.datasets.map((dataset) => ({ dataset, dataIndex: 0, raw: dataset.previous ? 4 : dataset.color + 1, label: 'a' }))
  const said = options.plugins.tooltip.callbacks.footer(items)
  assert.deepEqual([said.length, said[0], said[9]], [12, 's0: −75%', 's9: +150%'])
  const sorted = [...items].sort(options.plugins.tooltip.itemSort).map((item) => item.dataset.label)
  assert.deepEqual(sorted.slice(0, 3), ['s0', 'before', 's1'])
})

for (const kind of ['line', 'area', 'bar']) {
  test(`boxes of a tooltip differ for series with the same colour and for the time before (${kind})`, () => {
    const { options, data } = drawn({ kind, series: many })
    const boxes = data.datasets.map((dataset) => JSON.stringify(options.plugins.tooltip.callbacks.labelColor({ dataset })))
    assert.equal(new Set(boxes).size, boxes.length)
    // Not only by a shade: the box of series 9 is filled with a pattern, that of the time before has a broken edge.
    const [first, firstBefore] = data.datasets.map((dataset) => dataset.box)
    const ninth = data.datasets[16].box
    assert.deepEqual([first.borderDash, firstBefore.borderDash, ninth.borderDash], [[], [2, 2], []])
    assert.match(ninth.backgroundColor, /stripes/)
    assert.equal(firstBefore.backgroundColor, 'transparent')
    assert.equal(options.plugins.tooltip.multiKeyBackground, options.plugins.tooltip.backgroundColor)
  })
}

test('bars without a time lie and have every label', () => {
  const given = { kind: 'bars', labels: Array.from({ length: 40 }, (_, at) => `/page-${at}`), series: [one('now', Array(40).fill(1)), before(Array(40).fill(1))] }
  const { type, options } = drawn(given)
  assert.deepEqual([type, options.indexAxis, options.scales.y.ticks.autoSkip], ['bar', 'y', false])
  // Each label has the height of its text.
  assert.ok(heightOf(given) / 40 >= 30)
  assert.equal(heightOf({ ...given, kind: 'bar' }), null)
})

test('long labels of lying bars are cut at their end where the chart is narrow, and the tooltip has them whole', () => {
  const label = '/blog/how-to-choose-shoes-for-the-winter'
  assert.equal(shorten(label, 330), '/blog/how-to-choose-sh…')
  assert.equal(shorten(label, 1090), label)
  const { options, data } = drawn({ kind: 'bars', labels: [label], series: [one('now', [1])] })
  assert.equal(options.scales.y.ticks.callback.call({ chart: { width: 330 } }, 0), '/blog/how-to-choose-sh…')
  assert.equal(options.plugins.tooltip.callbacks.title([{ dataIndex: 0, label: data.labels[0] }]), label)
  assert.equal(drawn().options.scales.x.ticks.callback, undefined)
})

test('bars of several series stand side by side', () => {
  for (const kind of ['bar', 'bars']) {
    const { data, options } = drawn({ kind, series: many })
    assert.ok(data.datasets.every((set) => set.stack === undefined))
    assert.ok(!options.scales.x.stacked && !options.scales.y.stacked)
  }
})

test('areas are stacked, each on the one below it, and the time before is a line', () => {
  const areas = [one('a', [1, 1, 1]), before([1, 1, 1]), one('b', [2, 2, 2], { color: 1 }), before([2, 2, 2], { color: 1 }), one('c', [3, 3, 3], { color: 2 })]
  const { data, options } = drawn({ kind: 'area', series: areas })
  assert.equal(options.scales.y.stacked, true)
  assert.deepEqual(data.datasets.map((set) => set.fill), ['origin', false, 0, false, 2])
  assert.notEqual(data.datasets[0].stack, data.datasets[1].stack)
  assert.equal(drawn().options.scales.y.stacked, false)
})
