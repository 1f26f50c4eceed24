/*! Borders: world-atlas 2 (ISC, Copyright 2013-2019 Michael Bostock), from Natural Earth (public domain). topojson-client 3
(ISC, Copyright 2012-2019 Michael Bostock). Codes: i18n-iso-countries 7 (MIT, Copyright 2016 widdix GmbH). ISC: Permission to use,
copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies. */
// The map of countries: Natural Earth's borders (public domain, from world-atlas) in the Equal Earth projection.
import world from 'world-atlas/countries-110m.json'
import codes from 'i18n-iso-countries/codes.json'
import { feature } from 'topojson-client'

const width = 720
const height = 326
const antarctica = '010'
const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796]
const widest = 2.7066
const highest = 1.3173
const svgName = 'http://www.w3.org/2000/svg'

export function draw(box, names) {
  const given = JSON.parse(document.getElementById(box.dataset.map).textContent)
  const rows = new Map(given.map((row) => [row.country, row]))
  const byNumber = new Map(codes.map(([two, , number]) => [number, two]))
  const most = Math.max(1, ...given.map((row) => row.count))
  const svg = document.createElementNS(svgName, 'svg')
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  for (const country of feature(world, world.objects.countries).features) {
    if (country.id === antarctica) {
      continue
    }
    const code = byNumber.get(country.id)
    const row = rows.get(code)
    const path = document.createElementNS(svgName, 'path')
    path.setAttribute('d', outline(country.geometry))
    const title = document.createElementNS(svgName, 'title')
    title.textContent = `${code ? names.of(code) : country.properties.name}: ${row ? row.count.toLocaleString('en') : 'no session'}`
    path.append(title)
    if (row) {
      // The square root keeps small countries apart from none.
      path.style.fill = `color-mix(in srgb, var(--accent) ${Math.round(20 + 80 * Math.sqrt(row.count / most))}%, var(--land))`
      path.classList.add('has')
      path.addEventListener('click', () => location.assign(row.href))
    }
    svg.append(path)
  }
  box.append(svg)
}

function outline({ type, coordinates }) {
  const polygons = type === 'Polygon' ? [coordinates] : coordinates
  return polygons.flatMap((rings) => rings.map((ring) => `M${whole(ring).map(place).join('L')}Z`)).join('')
}

// A ring that crosses the antimeridian goes on beyond it, on the side that has most of it, instead of across the map.
function whole(ring) {
  let turn = 0
  const longitudes = ring.map(([longitude], at) => {
    const step = at === 0 ? 0 : longitude - ring[at - 1][0]
    turn += step > 180 ? -360 : step < -180 ? 360 : 0
    return longitude + turn
  })
  const middle = longitudes.reduce((sum, one) => sum + one, 0) / longitudes.length
  const back = middle > 180 ? -360 : middle < -180 ? 360 : 0
  return ring.map(([, latitude], at) => [longitudes[at] + back, latitude])
}

function place([longitude, latitude]) {
  const slant = Math.asin((Math.sqrt(3) / 2) * Math.sin((latitude * Math.PI) / 180))
  const two = slant * slant
  const six = two * two * two
  const x = ((longitude * Math.PI) / 180) * Math.cos(slant) / ((Math.sqrt(3) / 2) * (a1 + 3 * a2 * two + six * (7 * a3 + 9 * a4 * two)))
  const y = slant * (a1 + a2 * two + six * (a3 + a4 * two))
  const scale = width / (2 * widest)
  return `${(width / 2 + x * scale).toFixed(1)},${((highest - y) * scale).toFixed(1)}`
}
