export { among, faultsOf, kinds, shown, valueAt } from './faults.js'
export { nearest } from './nearest.js'
export { inOrder, Sheet, SheetError, type Path, type SheetFault } from './sheet.js'
