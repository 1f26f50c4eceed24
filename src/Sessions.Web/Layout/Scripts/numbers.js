// Numbers as people read them, in the units that the server names: count, seconds and percent.
const minute = 60
const hour = 3600
const durationSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]
const steps = 5

export function sayValue(value, unit) {
  if (value === null || value === undefined) {
    return '–'
  }
  if (unit === 'seconds') {
    const whole = Math.round(value)
    return whole < minute ? `${Math.round(value * 10) / 10} s` : `${Math.floor(whole / minute)}:${String(whole % minute).padStart(2, '0')}`
  }
  if (unit === 'percent') {
    return `${Math.round(value * 1000) / 10}%`
  }
  return value.toLocaleString('en', { maximumFractionDigits: 2 })
}

// The distance of the ticks of an axis of durations: one that clocks have.
export function stepOf(most) {
  return durationSteps.find((step) => most / step <= steps) ?? Math.ceil(most / steps / 86400) * 86400
}

export function sayTick(value, unit) {
  if (unit !== 'seconds') {
    return sayValue(value, unit)
  }
  const tenths = Math.round(value * 10) / 10
  if (tenths < minute) {
    return `${tenths} s`
  }
  const [hours, minutes, seconds] = [Math.floor(tenths / hour), Math.floor(tenths / minute) % 60, Math.round(tenths % minute)]
  return [hours && `${hours} h`, minutes && `${minutes} min`, seconds && `${seconds} s`].filter(Boolean).join(' ')
}

// A line of a tooltip. What is from the time before says its own date.
export function lineOf(item, say) {
  const title = item.dataset.previous ? item.dataset.titles?.[item.dataIndex] : null
  return ` ${title ?? item.dataset.label}: ${say(item.raw)}`
}

// The change in percent; of rates in percentage points. Nothing when it can't be calculated.
export function sayChange(now, before, unit) {
  if (typeof now !== 'number' || typeof before !== 'number') {
    return null
  }
  const signed = (number, unitName) => `${number > 0 ? '+' : number < 0 ? '−' : ''}${Math.abs(number)}${unitName}`
  if (unit === 'percent') {
    return signed(Math.round((now - before) * 1000) / 10, ' points')
  }
  return before === 0 ? null : signed(Math.round(((now - before) / before) * 1000) / 10, '%')
}
