import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf, sayChange, sayTick, sayValue, stepOf } from '../../../../../src/Sessions.Web/Layout/Scripts/numbers.js'

const clocks = [[3, '1 s'], [9, '2 s'], [45, '10 s'], [100, '30 s'], [150, '30 s'], [290, '1 min'], [1500, '5 min'], [4000, '15 min'], [18000, '1 h'], [80000, '6 h']]

for (const [most, step] of clocks) {
  test(`an axis of durations up to ${most} s has a tick each ${step}`, () => assert.equal(sayTick(stepOf(most), 'seconds'), step))
}

test('ticks of durations are whole units of a clock', () => {
  assert.deepEqual([0, 30, 60, 90, 3600, 5400].map((value) => sayTick(value, 'seconds')), ['0 s', '30 s', '1 min', '1 min 30 s', '1 h', '1 h 30 min'])
})

test('an axis of durations has at most six ticks and the zero', () => {
  for (let most = 1; most < 500_000; most = most * 1.37 + 1) {
    assert.ok(most / stepOf(most) <= 5, `${most}`)
  }
})

test('values are said in their unit', () => {
  assert.equal(sayValue(1234567, 'count'), '1,234,567')
  assert.equal(sayValue(0.285, 'percent'), '28.5%')
  assert.equal(sayValue(9.96, 'seconds'), '10 s')
  assert.equal(sayValue(125, 'seconds'), '2:05')
  assert.equal(sayValue(null, 'count'), '–')
})

test('what is from the time before says its own date in the tooltip, and what is from now its name', () => {
  const before = { dataset: { previous: true, label: 'visitors, before', titles: ['Mon 3 Mar', 'Tue 4 Mar'] }, dataIndex: 1, raw: 136 }
  const now = { dataset: { previous: false, label: 'visitors' }, dataIndex: 1, raw: 150 }
  assert.equal(lineOf(before, String), ' Tue 4 Mar: 136')
  assert.equal(lineOf(now, String), ' visitors: 150')
})

test('counts change in percent and rates in points', () => {
  assert.equal(sayChange(150, 100, 'count'), '+50%')
  assert.equal(sayChange(50, 100, 'seconds'), '−50%')
  assert.equal(sayChange(0.321, 0.285, 'percent'), '+3.6 points')
  assert.equal(sayChange(5, 5, 'count'), '0%')
})

test('there is no change from nothing', () => {
  assert.equal(sayChange(5, 0, 'count'), null)
  assert.equal(sayChange(5, null, 'count'), null)
})
