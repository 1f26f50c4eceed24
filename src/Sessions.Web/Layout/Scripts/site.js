// The scripts of every page: the switch of the theme, buttons that copy, and parts that only some pages load.
import { startThemes } from './theme.js'
import { startAsking, startCopying } from './copy.js'
import { startFilters } from './filters.js'
import { startFolds } from './folds.js'
import { startPopovers } from './popovers.js'
import { startShortcuts } from './shortcuts.js'

startThemes()
startCopying()
startAsking()
startFilters()
startFolds()
startPopovers()
startShortcuts()

// Loaded when a page needs them.
if (document.querySelector('[data-live]')) {
  import('./live.js').then((live) => live.start())
}
if (document.querySelector('[data-still-live]') && !document.querySelector('[data-replay]')) {
  import('./freshen.js').then((freshen) => freshen.start())
}
if (document.querySelector('[data-chart]')) {
  import('./chart.js').then((chart) => chart.start())
}
for (const menu of document.querySelectorAll('[data-switcher]')) {
  import('./switcher.js').then((switcher) => switcher.start(menu))
}
if (document.querySelector('[data-card], [data-online]')) {
  import('./cards.js').then((cards) => cards.start())
}
if (document.querySelector('[data-sql]')) {
  import('./sql.js').then((sql) => sql.start())
}
if (document.querySelector('form [data-rows]')) {
  import('./setting-rows.js').then((rows) => rows.start())
}
for (const form of document.querySelectorAll('form[data-unsaved]')) {
  import('./unsaved.js').then((unsaved) => unsaved.start(form))
}
