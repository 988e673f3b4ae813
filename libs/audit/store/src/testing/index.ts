export { logCluster, type LogCluster, type LogDatabase, type LogRole } from './log-database.js'
export { collect, openSession, testLog, type TestLog } from './test-log.js'
