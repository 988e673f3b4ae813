import type { Problem, Shape } from '@firebreak/client'

/** The API's own shapes, by the names that the pages call them. */
export type { Problem }
export type Alert = Shape<'Alert'>
export type BreakGlass = Shape<'BreakGlass'>
export type BreakGlassCheck = Shape<'BreakGlassCheck'>
export type Change = Shape<'Change'>
export type Changes = Shape<'Changes'>
export type EvidenceItem = Shape<'EvidenceItem'>
export type Figure = Shape<'Figure'>
export type Incident = Shape<'Incident'>
export type IncidentCounts = Shape<'IncidentCounts'>
export type IncidentSummary = Shape<'IncidentSummary'>
export type Loan = Shape<'Loan'>
export type May = Shape<'May'>
export type Me = Shape<'Me'>
export type Observation = Shape<'Observation'>
export type Graduations = Shape<'Graduations'>
export type Plan = Shape<'Plan'>
export type PlanBody = Shape<'PlanBody'>
export type PlanStep = Shape<'PlanStep'>
export type Recipe = Shape<'Recipe'>
export type Role = Recipe['approval']['roles'][number]
export type Run = Shape<'Run'>
export type RunStep = Shape<'RunStep'>
export type RunbookIndex = Shape<'RunbookIndex'>
export type RunbookPage = Shape<'RunbookPage'>
export type TimelineItem = Shape<'TimelineItem'>
